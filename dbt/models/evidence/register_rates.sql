-- One row per month end and currency pair: the rate that amounts of the registers were converted with.
select
    months.as_of_date,
    fx.from_currency,
    fx.to_currency,
    fx.rate
from {{ ref('reporting_months') }} as months
inner join {{ ref('fx_daily') }} as fx on months.as_of_date = fx.rate_date
