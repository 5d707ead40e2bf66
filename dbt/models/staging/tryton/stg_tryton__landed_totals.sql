-- One row per connection, entity and currency: what the landed payloads add up to, read from their text and by no model that core reads. The witness
-- that no hour and no cent is lost or doubled on the way to core.
with lines as (

    {{ newest_payloads('tryton', 'timesheet_lines') }}

),

costs as (

    {{ newest_payloads('tryton', 'analytic_lines') }}

),

moves as (

    select
        _connection,
        _record_id,
        arg_max(json_extract_string(payload, '$.state'), {'delivery': _delivery, 'line': _line}) filter (where not _deleted) as state
    from {{ source('tryton', 'moves') }}
    group by _connection, _record_id

),

currencies as (

    select
        _connection,
        _record_id,
        arg_max(json_extract_string(payload, '$.code'), {'delivery': _delivery, 'line': _line}) filter (where not _deleted) as code
    from {{ source('tryton', 'currencies') }}
    group by _connection, _record_id

)

select
    _connection                                        as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ exact_hours("json_extract_string(payload, '$.duration.seconds')") }}) as total
from lines
where not is_deleted
group by _connection

union all

select
    costs._connection                                  as source,
    'cost_transactions'                                as entity,
    currencies.code                                    as currency,
    sum(
        {{ cast_decimal("json_extract_string(costs.payload, '$.debit.decimal')", 28, 6) }}
        - {{ cast_decimal("json_extract_string(costs.payload, '$.credit.decimal')", 28, 6) }}
    )                                                  as total
from costs
inner join moves
    on moves._connection = costs._connection
    and moves._record_id = json_extract_string(costs.payload, '$.move_line.move')
    and moves.state = 'posted'
left join currencies
    on currencies._connection = costs._connection
    and currencies._record_id = json_extract_string(costs.payload, '$.currency')
where not costs.is_deleted
group by all
