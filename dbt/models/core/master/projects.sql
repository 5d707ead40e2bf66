-- One row per project: those that the PMO lists, and one of its own for each scope that nobody gave to a project.
with listed as (

    select * from {{ current_rows('projects', by=['project_id']) }}

),

programs as (

    select program_id, portfolio_id from {{ ref('programs') }}

),

calendar_ids as (

    select distinct calendar_id from {{ ref('calendars') }}

),

completed as (

    select
        listed.project_id,
        listed.name,
        listed.program_id,
        coalesce(listed.portfolio_id, programs.portfolio_id) as portfolio_id,
        listed.sponsor_id,
        listed.manager_id,
        listed.status,
        listed.phase,
        listed.category,
        listed.priority,
        listed.methodology,
        listed.currency,
        listed.time_zone,
        listed.calendar_id,
        listed.planned_start,
        listed.planned_finish,
        listed.actual_start,
        listed.actual_finish,
        listed.contingency,
        coalesce(listed.labor_cost_source, 'timesheets') as labor_cost_source,
        false                                          as is_unmapped_scope
    from listed
    left join programs
        on programs.program_id = listed.program_id

    union all

    select
        unmapped.project_id,
        unmapped.name,
        cast(null as varchar)                          as program_id,
        cast(null as varchar)                          as portfolio_id,
        cast(null as varchar)                          as sponsor_id,
        cast(null as varchar)                          as manager_id,
        'active'                                       as status,
        cast(null as varchar)                          as phase,
        cast(null as varchar)                          as category,
        cast(null as bigint)                           as priority,
        cast(null as varchar)                          as methodology,
        organization.reporting_currency                as currency,
        cast(null as varchar)                          as time_zone,
        cast(null as varchar)                          as calendar_id,
        cast(null as date)                             as planned_start,
        cast(null as date)                             as planned_finish,
        cast(null as date)                             as actual_start,
        cast(null as date)                             as actual_finish,
        cast(null as decimal(28, 6))                   as contingency,
        'timesheets'                                   as labor_cost_source,
        true                                           as is_unmapped_scope
    from {{ ref('unmapped_scopes') }} as unmapped
    cross join {{ ref('organization') }} as organization
    where unmapped.project_id not in (select project_id from listed)

)

select
    completed.project_id,
    completed.name,
    completed.program_id,
    completed.portfolio_id,
    completed.sponsor_id,
    completed.manager_id,
    completed.status,
    completed.phase,
    completed.category,
    completed.priority,
    completed.methodology,
    completed.currency,
    coalesce(completed.time_zone, organization.time_zone) as time_zone,
    coalesce(calendar_ids.calendar_id, organization.calendar_id) as calendar_id,
    completed.planned_start,
    completed.planned_finish,
    completed.actual_start,
    completed.actual_finish,
    completed.contingency,
    completed.labor_cost_source,
    completed.is_unmapped_scope
from completed
left join calendar_ids
    on calendar_ids.calendar_id = completed.calendar_id
cross join {{ ref('organization') }} as organization
