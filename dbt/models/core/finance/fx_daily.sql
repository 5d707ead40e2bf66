-- One row per day and currency pair in use: the last rate on or before the day, the reciprocal where no direct rate is known yet.
-- Days before the first rate are absent, so that an amount of theirs is excluded with a reason and not converted with a rate of the future.
with currencies_from as (

    select currency from {{ ref('projects') }}
    union
    select currency from {{ ref('rates') }}
    union
    select currency from {{ ref('cost_transactions') }}
    union
    select currency from {{ ref('budgets') }}
    union
    select currency from {{ ref('risks') }} where currency is not null
    union
    -- the unit of a benefit may be a currency; one that is none finds no rate
    select upper(unit) from {{ ref('benefits') }}
    union
    select reporting_currency as currency from {{ ref('organization') }}

),

currencies_to as (

    select currency from {{ ref('projects') }}
    union
    select reporting_currency as currency from {{ ref('organization') }}

),

pairs as (

    select
        currencies_from.currency                       as from_currency,
        currencies_to.currency                         as to_currency
    from currencies_from
    cross join currencies_to

),

period as (

    select
        {{ first_fx_day() }}                           as first_day,
        least(max(last_day), date '2100-12-31')        as last_day
    from (

        select as_of_date as last_day from {{ ref('organization') }}
        union all
        select max(posting_date) from {{ ref('cost_transactions') }}
        union all
        select max(work_date) from {{ ref('timesheet_entries') }}
        union all
        select max(rate_date) from {{ ref('fx_rates') }}

    ) as used

),

direct as (

    select
        from_currency,
        to_currency,
        rate_date                                      as valid_from,
        lead(rate_date) over (partition by from_currency, to_currency order by rate_date) as valid_before,
        rate
    from {{ ref('fx_rates') }}

),

-- A direct rate, once there is one, is preferred to any later reciprocal.
first_direct as (

    select from_currency, to_currency, min(valid_from) as first_day
    from direct
    group by from_currency, to_currency

),

reverse as (

    select
        direct.to_currency                             as from_currency,
        direct.from_currency                           as to_currency,
        direct.valid_from,
        least(direct.valid_before, first_direct.first_day) as valid_before,
        cast(1 / direct.rate as decimal(28, 12))       as rate
    from direct
    left join first_direct
        on first_direct.from_currency = direct.to_currency
        and first_direct.to_currency = direct.from_currency
    where first_direct.first_day is null
        or direct.valid_from < first_direct.first_day

),

stretches as (

    select from_currency, to_currency, valid_from, valid_before, rate from direct
    union all
    select from_currency, to_currency, valid_from, valid_before, rate from reverse

),

needed as (

    select
        stretches.from_currency,
        stretches.to_currency,
        stretches.valid_from,
        coalesce(stretches.valid_before - 1, period.last_day) as valid_to,
        stretches.rate
    from stretches
    inner join pairs
        on pairs.from_currency = stretches.from_currency
        and pairs.to_currency = stretches.to_currency
    cross join period
    where stretches.from_currency <> stretches.to_currency

    union all

    select
        pairs.from_currency,
        pairs.to_currency,
        period.first_day,
        period.last_day,
        cast(1 as decimal(28, 12))                     as rate
    from pairs
    cross join period
    where pairs.from_currency = pairs.to_currency

)

select
    {{ each_day('valid_from', 'valid_to') }}        as rate_date,
    from_currency,
    to_currency,
    cast(rate as decimal(28, 12))                      as rate
from needed
