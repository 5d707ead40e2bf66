-- One row per connection and ledger line: its newest delivered version.
with landed as (

    select * from {{ newest_landed('files', 'cost_transactions', key='transaction_id') }}

),

typed as (

    select
        _connection                         as source,
        transaction_id,
        project_id,
        scope_id,
        {{ cast_date('posting_date') }}     as posting_date,
        {{ cast_date('document_date') }}    as document_date,
        {{ cast_decimal('amount', 28, 6) }} as amount,
        upper(currency)                     as currency,
        category                            as category_original,
        lower(kind)                         as kind,
        lower(spend_type)                   as spend_type,
        task_id,
        vendor,
        reverses_id,
        note,

        -- how it came
        _connection                         as connection,
        _delivery                           as delivery,
        _file                               as file,
        _line                               as line,
        _deleted                            as is_deleted,
        {{ cast_losses({
            'posting_date': [cast_date('posting_date')],
            'document_date': [cast_date('document_date')],
            'amount': [cast_decimal('amount', 28, 6)]
        }) }} as cast_losses,
        landed_versions
    from landed

)

select * from typed
