-- One row per connection and ledger line: its newest delivered version. A line of a snapshot counts while its snapshot is the newest one that
-- tells of a day up to the status date; after that it is retired, since the next list would name it again if it were still open.
with snapshots as (

    select
        load_id,
        row_number() over (
            partition by connection
            order by {{ cast_date('snapshot_date') }} <= {{ as_of_date() }} desc, snapshot_date desc, delivery desc
        ) = 1 and {{ cast_date('snapshot_date') }} <= {{ as_of_date() }} as is_current
    from {{ source("landing", "loads") }}
    where source = 'files'
        and stream = 'cost_transactions'
        and snapshot_date is not null

),

current_snapshots as (

    select load_id from snapshots where is_current

),

outdated_snapshots as (

    select load_id from snapshots where not is_current

),

landed as (

    select * from {{ newest_landed('files', 'cost_transactions', key='transaction_id', preferred_loads='current_snapshots') }}

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
        _deleted or _load_id in (select load_id from outdated_snapshots) as is_deleted,
        {{ cast_losses({
            'posting_date': [cast_date('posting_date')],
            'document_date': [cast_date('document_date')],
            'amount': [cast_decimal('amount', 28, 6)]
        }) }} as cast_losses,
        landed_versions
    from landed

)

select * from typed
