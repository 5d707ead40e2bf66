-- One row per day and currency pair, as delivered. A rate of zero converts nothing and is left out.
select
    rate_date,
    from_currency,
    to_currency,
    rate
from {{ current_rows('fx_rates', by=['rate_date', 'from_currency', 'to_currency']) }}
where rate > 0
