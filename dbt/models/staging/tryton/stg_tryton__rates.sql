-- One row per connection, employee and day from which an hour costs so much; until the day before the next one.
with dated as (

    select
        *,
        {{ tryton_date('r.date') }}                    as valid_from
    from {{ ref('base_tryton__cost_prices') }}
    where r is not null

),

-- A price that was deleted ends nothing.
live as (

    select
        source,
        record_id,
        lead(valid_from) over (partition by source, r.employee order by valid_from) as next_from
    from dated
    where not is_deleted

)

select
    prices.source || ':' || prices.r.employee          as person_id,
    cast(null as varchar)                              as role,
    prices.valid_from,
    live.next_from - 1                                 as valid_to,
    currencies.r.code                                  as currency,
    {{ cast_decimal('prices.r.cost_price.decimal', 28, 12) }} as cost_rate,
    cast(null as decimal(28, 12))                      as bill_rate,

    -- how it came
    {{ tryton_provenance('prices') }}
from dated as prices
left join live
    on live.source = prices.source
    and live.record_id = prices.record_id
left join {{ ref('base_tryton__companies') }} as companies
    on companies.source = prices.source
left join {{ ref('base_tryton__currencies') }} as currencies
    on currencies.source = prices.source
    and currencies.record_id = companies.r.currency
