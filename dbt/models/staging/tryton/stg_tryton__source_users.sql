-- One row per connection and employee: whoever no identity and no e-mail address names is a person by this source.
select
    employees.source,
    employees.record_id                                as source_user_id,
    employees.r.party.name                             as name,
    nullif(employees.r.party.email, '')                as email,
    employees.source || ':' || employees.record_id     as person_id,

    -- how it came
    {{ tryton_provenance('employees') }}
from {{ ref('base_tryton__employees') }} as employees
where employees.r is not null
