-- One row per connection and task of a baseline version: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'baseline_tasks') }}

),

typed as (

    select
        project_id,
        {{ cast_integer('baseline_version') }}        as baseline_version,
        task_id,
        wbs,
        "name"                                        as name,
        parent_task_id,
        {{ cast_instant('"start"') }}                 as start_at,
        {{ cast_local('"start"', days=false) }}       as start_local,
        {{ cast_day('"start"') }}                     as start_date,
        {{ cast_instant('finish') }}                  as finish_at,
        {{ cast_local('finish', days=false) }}        as finish_local,
        {{ cast_day('finish') }}                      as finish_date,
        {{ cast_decimal('budget', 28, 6) }}           as budget,
        {{ cast_decimal('fixed_cost', 28, 6) }}       as fixed_cost,
        lower(fixed_cost_accrual)                     as fixed_cost_accrual,
        lower(earning_method)                         as earning_method,
        {{ cast_decimal('weight', 18, 9) }}           as weight,
        {{ cast_boolean('is_milestone') }}            as is_milestone,
        constraint_type,
        {{ cast_decimal('total_float_days', 18, 9) }} as total_float_days,
        {{ cast_decimal('free_float_days', 18, 9) }}  as free_float_days,

        -- how it came
        _connection                                   as connection,
        _delivery                                     as delivery,
        _file                                         as file,
        _line                                         as line,
        _deleted                                      as is_deleted,
        {{ cast_losses({
            'baseline_version': [cast_integer('baseline_version')],
            '"start"': [cast_instant('"start"'), cast_local('"start"', days=false), cast_day('"start"')],
            'finish': [cast_instant('finish'), cast_local('finish', days=false), cast_day('finish')],
            'budget': [cast_decimal('budget', 28, 6)],
            'fixed_cost': [cast_decimal('fixed_cost', 28, 6)],
            'weight': [cast_decimal('weight', 18, 9)],
            'is_milestone': [cast_boolean('is_milestone')],
            'total_float_days': [cast_decimal('total_float_days', 18, 9)],
            'free_float_days': [cast_decimal('free_float_days', 18, 9)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'baseline_version', 'task_id']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'baseline_version', 'task_id']) }}
