-- One row per connection and employee. An employee whom the PMO's identities name is that person and not one more.
select
    employees.source || ':' || employees.record_id     as person_id,
    employees.record_id                                as directory_user_id,
    employees.r.party.name                             as name,
    nullif(employees.r.party.email, '')                as email,
    employees.source || ':' || employees.r.supervisor  as manager_id,
    {{ tryton_date('employees.r.start_date') }}        as start_date,
    {{ tryton_date('employees.r.end_date') }}          as end_date,

    -- how it came
    {{ tryton_provenance('employees') }}
from {{ ref('base_tryton__employees') }} as employees
where employees.r is not null
