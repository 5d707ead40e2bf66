-- One row per analytic line of a posted move. Lines of drafts are in the source, too, and are none of ours until the move is posted.
-- The amount is in the currency of the company, as it was posted. What takes a line back names that line: a cancelling move through the line it was
-- copied from, a credit note through the line of the invoice that it credits.
with lines as (

    select
        lines.*,
        moves.invoice_id,
        moves.number                                   as move_number
    from {{ ref('base_tryton__analytic_lines') }} as lines
    inner join {{ ref('int_tryton__posted_moves') }} as moves
        on moves.source = lines.source
        and moves.move_id = lines.r.move_line.move
    where lines.r is not null

),

-- One move line may be split over several lines of one account: the first of them stands for all.
first_lines as (

    select
        source,
        r.account                                      as account_id,
        r.move_line.id                                 as move_line_id,
        r.move_line.origin                             as origin,
        min(try_cast(record_id as bigint))             as line_id
    from lines
    where not is_deleted
    group by source, r.account, r.move_line.id, r.move_line.origin

),

credited as (

    select
        source,
        'account.invoice.line,' || record_id           as origin,
        r.origin                                       as credited_origin
    from {{ ref('base_tryton__invoice_lines') }}
    where starts_with(r.origin, 'account.invoice.line,')

),

credited_lines as (

    select source, account_id, origin, min(line_id) as line_id
    from first_lines
    where starts_with(origin, 'account.invoice.line,')
    group by source, account_id, origin

)

select
    lines.source,
    'aline:' || lines.record_id                        as transaction_id,
    {{ tryton_account_scope('analytic') }}             as scope_id,
    {{ tryton_date('lines.r.date') }}                  as posting_date,
    {{ tryton_date('invoices.r.invoice_date') }}       as document_date,
    cast(
        {{ cast_decimal('lines.r.debit.decimal', 28, 6) }} - {{ cast_decimal('lines.r.credit.decimal', 28, 6) }} as decimal(28, 6)
    )                                                  as amount,
    currencies.r.code                                  as currency,
    coalesce(nullif(accounts.r.code, ''), accounts.r.name, lines.r.move_line.account) as category_original,
    'actual'                                           as kind,
    invoices.r.party.name                              as vendor,
    'aline:' || coalesce(cancelled.line_id, credited_lines.line_id) as reverses_id,
    'move ' || lines.move_number                       as note,

    -- how it came
    {{ tryton_provenance('lines') }}
from lines
left join {{ ref('base_tryton__analytic_accounts') }} as analytic
    on analytic.source = lines.source
    and analytic.record_id = lines.r.account
left join {{ ref('base_tryton__accounts') }} as accounts
    on accounts.source = lines.source
    and accounts.record_id = lines.r.move_line.account
left join {{ ref('base_tryton__currencies') }} as currencies
    on currencies.source = lines.source
    and currencies.record_id = lines.r.currency
left join {{ ref('base_tryton__invoices') }} as invoices
    on invoices.source = lines.source
    and invoices.record_id = lines.invoice_id
left join first_lines as cancelled
    on cancelled.source = lines.source
    and cancelled.account_id = lines.r.account
    and 'account.move.line,' || cancelled.move_line_id = lines.r.move_line.origin
left join credited
    on credited.source = lines.source
    and credited.origin = lines.r.move_line.origin
left join credited_lines
    on credited_lines.source = lines.source
    and credited_lines.account_id = lines.r.account
    and credited_lines.origin = credited.credited_origin
