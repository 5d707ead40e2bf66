-- One row per project that has work items and percentile: the day by which that share of the trials has done what remains.
select
    project_id,
    {{ as_of_date() }}                                      as as_of_date,
    percentile,
    cast({{ as_of_date() }} + cast(days_needed as integer) as date) as finish_date,
    remaining_items,
    trials,
    seed,
    case
        when days_needed is null then 'undefined'
        when periods < 20 then 'immature'
        else 'ok'
    end                                                     as status,
    case when days_needed is not null and periods < 20 then 'short_history' else reason end as reason
from {{ ref('delivery_forecasts') }}
