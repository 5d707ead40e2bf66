-- One row per purchase line and analytic account that it is meant for: what of it is not invoiced yet. It shrinks to 0 with each invoice that is posted.
-- An invoice counts from the posting of its move on, as its cost does, and no longer once a posted move cancels it: so no amount is an actual cost
-- and a commitment at once, whatever was read between the two.
with lines as (

    select
        *,
        {{ cast_decimal('r.amount.decimal', 28, 6) }}  as amount,
        unnest(r.analytic_accounts).account            as account_id,
        len(r.analytic_accounts)                       as accounts
    from {{ ref('base_tryton__purchase_lines') }}
    where r is not null

),

invoiced as (

    select
        invoice_lines.source,
        {{ tryton_reference('invoice_lines.r.origin', 'purchase.line') }} as line_id,
        invoice_lines.r.currency                       as currency_id,
        sum({{ cast_decimal('invoice_lines.r.amount.decimal', 28, 6) }}) as amount
    from {{ ref('base_tryton__invoice_lines') }} as invoice_lines
    inner join {{ ref('int_tryton__posted_moves') }} as moves
        on moves.source = invoice_lines.source
        and moves.invoice_id = invoice_lines.r.invoice
        and not moves.is_cancelled
    where not invoice_lines.is_deleted
        and starts_with(invoice_lines.r.origin, 'purchase.line,')
    group by all

),

open as (

    select
        lines.*,
        purchases.r.number                             as purchase_number,
        purchases.r.currency                           as currency_id,
        purchases.r.party.name                         as vendor,
        {{ tryton_date('purchases.r.purchase_date') }} as purchase_date,
        purchases.is_deleted                           as is_purchase_deleted,
        case
            when purchases.r.state in ('confirmed', 'processing') then lines.amount - coalesce(invoiced.amount, 0)
            else 0
        end                                            as remainder
    from lines
    inner join {{ ref('base_tryton__purchases') }} as purchases
        on purchases.source = lines.source
        and purchases.record_id = lines.r.purchase
        -- an order that is not confirmed binds nobody
        and purchases.r.state in ('confirmed', 'processing', 'done', 'cancelled')
    left join invoiced
        on invoiced.source = lines.source
        and invoiced.line_id = lines.record_id
        and invoiced.currency_id = purchases.r.currency

)

select
    open.source,
    'poline:' || open.record_id || case when open.accounts > 1 then ':' || open.account_id else '' end as transaction_id,
    {{ tryton_account_scope('analytic') }}             as scope_id,
    open.purchase_date                                 as posting_date,
    open.purchase_date                                 as document_date,
    -- what was invoiced beyond the order is no negative commitment
    cast(
        case when open.amount >= 0 then greatest(open.remainder, 0) else least(open.remainder, 0) end as decimal(28, 6)
    )                                                  as amount,
    currencies.r.code                                  as currency,
    coalesce(nullif(accounts.r.code, ''), accounts.r.name, 'purchase') as category_original,
    'commitment'                                       as kind,
    open.vendor,
    'purchase ' || open.purchase_number                as note,

    -- how it came
    open.connection,
    open.delivery,
    open.file,
    open.line,
    open.is_deleted or open.is_purchase_deleted        as is_deleted,
    cast(null as varchar)                              as cast_losses,
    open.landed_versions
from open
left join {{ ref('base_tryton__analytic_accounts') }} as analytic
    on analytic.source = open.source
    and analytic.record_id = open.account_id
left join {{ ref('base_tryton__accounts') }} as accounts
    on accounts.source = open.source
    and accounts.record_id = open.r.product.template.account_category.account_expense
left join {{ ref('base_tryton__currencies') }} as currencies
    on currencies.source = open.source
    and currencies.record_id = open.currency_id
where open.account_id is not null
