-- One row per connection, day and ordered pair of currencies, where one of them has a new rate: B per A is rate of B / rate of A, because a rate
-- says how many units of the currency one unit of the base is worth. The division is of integers: no digit of a float comes in.
-- Currencies are matched by id. Of several with one code, the one of the company counts, else the first; a check lists them.
with currencies as (

    select
        currencies.source,
        currencies.record_id                           as currency_id,
        upper(currencies.r.code)                       as code
    from {{ ref('base_tryton__currencies') }} as currencies
    left join {{ ref('base_tryton__companies') }} as companies
        on companies.source = currencies.source
    where currencies.r is not null
    qualify row_number() over (
        partition by currencies.source, upper(currencies.r.code)
        order by currencies.is_deleted, companies.r.currency is distinct from currencies.record_id, try_cast(currencies.record_id as bigint)
    ) = 1

),

rates as (

    select
        rates.source,
        rates.delivery,
        rates.file,
        rates.line,
        rates.landed_versions,
        currencies.code,
        {{ tryton_date('rates.r.date') }}              as rate_date,
        {{ cast_decimal('rates.r.rate.decimal', 22, 12) }} as rate
    from {{ ref('base_tryton__currency_rates') }} as rates
    inner join currencies
        on currencies.source = rates.source
        and currencies.currency_id = rates.r.currency
    where not rates.is_deleted

),

days as (

    select distinct source, rate_date from rates where rate > 0

),

-- The rate of each currency in force on each day on which any currency has a new one.
in_force as (

    select
        days.source,
        days.rate_date,
        rates.code,
        rates.rate,
        rates.rate_date = days.rate_date               as is_new,
        rates.delivery,
        rates.file,
        rates.line,
        rates.landed_versions
    from days
    inner join rates
        on rates.source = days.source
        and rates.rate_date <= days.rate_date
        and rates.rate > 0
    qualify row_number() over (partition by days.source, days.rate_date, rates.code order by rates.rate_date desc) = 1

)

select
    priced.rate_date,
    base.code                                          as from_currency,
    priced.code                                        as to_currency,
    {{ exact_quotient('priced.rate', 'base.rate') }}   as rate,

    -- how it came
    priced.source                                      as connection,
    greatest(priced.delivery, base.delivery)           as delivery,
    priced.file                                        as file,
    priced.line                                        as line,
    false                                              as is_deleted,
    cast(null as varchar)                              as cast_losses,
    priced.landed_versions
from in_force as priced
inner join in_force as base
    on base.source = priced.source
    and base.rate_date = priced.rate_date
    and base.code <> priced.code
where priced.is_new or base.is_new
