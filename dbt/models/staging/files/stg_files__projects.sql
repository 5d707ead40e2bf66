-- One row per connection and project: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'projects') }}

),

typed as (

    select
        project_id,
        "name"                                   as name,
        program_id,
        portfolio_id,
        sponsor_id,
        manager_id,
        lower(status)                            as status,
        lower(phase)                             as phase,
        lower(category)                          as category,
        {{ cast_integer('priority') }}           as priority,
        methodology,
        upper(currency)                          as currency,
        time_zone,
        calendar_id,
        {{ cast_date('planned_start') }}         as planned_start,
        {{ cast_date('planned_finish') }}        as planned_finish,
        {{ cast_date('actual_start') }}          as actual_start,
        {{ cast_date('actual_finish') }}         as actual_finish,
        {{ cast_decimal('contingency', 28, 6) }} as contingency,
        lower(labor_cost_source)                 as labor_cost_source,

        -- how it came
        _connection                              as connection,
        _delivery                                as delivery,
        _file                                    as file,
        _line                                    as line,
        _deleted                                 as is_deleted,
        {{ cast_losses({
            'priority': [cast_integer('priority')],
            'planned_start': [cast_date('planned_start')],
            'planned_finish': [cast_date('planned_finish')],
            'actual_start': [cast_date('actual_start')],
            'actual_finish': [cast_date('actual_finish')],
            'contingency': [cast_decimal('contingency', 28, 6)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id']) }}
