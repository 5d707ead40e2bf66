-- One row per connection and posted move, and whether a posted move cancels it: one that names it in its origin, or the one that the invoice says.
with posted as (

    select
        source,
        record_id                                      as move_id,
        r.number                                       as number,
        r.origin                                       as origin
    from {{ ref('base_tryton__moves') }}
    where not is_deleted and r.state = 'posted'

),

cancelled as (

    select source, {{ tryton_reference('origin', 'account.move') }} as move_id from posted
    union
    select
        invoices.source,
        invoices.r.move                                as move_id
    from {{ ref('base_tryton__invoices') }} as invoices
    inner join posted
        on posted.source = invoices.source
        and posted.move_id = invoices.r.cancel_move

)

select
    posted.source,
    posted.move_id,
    posted.number,
    {{ tryton_reference('posted.origin', 'account.invoice') }} as invoice_id,
    cancelled.move_id is not null                      as is_cancelled
from posted
left join cancelled
    on cancelled.source = posted.source
    and cancelled.move_id = posted.move_id
