-- One row per delivery rate of the organization and reporting month: the rate against that of twelve months before, with the interval that
-- so few cases allow. What changed, not why: other things change in a year than a PMO. Definitions: metrics, 62.
with rates as (

    select
        metric_id,
        month,
        as_of_date,
        numerator,
        denominator,
        {{ month_number('month') }}                                                as month_number
    from {{ ref('organization_measures') }}
    where metric_id in ('on_time_delivery', 'on_budget_delivery', 'status_report_timeliness')

),

paired as (

    select
        rates_now.metric_id,
        rates_now.month,
        rates_now.as_of_date,
        coalesce(cast(rates_now.denominator as bigint), 0)                         as n_now,
        coalesce(cast(rates_then.denominator as bigint), 0)                        as n_then,
        cast(rates_now.numerator as bigint)                                        as kept_now,
        cast(rates_then.numerator as bigint)                                       as kept_then
    from rates as rates_now
    left join rates as rates_then
        on rates_now.metric_id = rates_then.metric_id
        and rates_now.month_number = rates_then.month_number + 12

)

select
    metric_id,
    month,
    as_of_date,
    {{ percentage('kept_now', 'n_now') }}                                          as value_now,
    {{ percentage('kept_then', 'n_then') }}                                        as value_12m_ago,
    100 * ({{ ratio('kept_now', 'n_now') }} - {{ ratio('kept_then', 'n_then') }})  as delta,
    n_now,
    n_then,
    100 * {{ newcombe_bound('lower', 'kept_now', 'n_now', 'kept_then', 'n_then') }} as ci_low,
    100 * {{ newcombe_bound('upper', 'kept_now', 'n_now', 'kept_then', 'n_then') }} as ci_high
from paired
