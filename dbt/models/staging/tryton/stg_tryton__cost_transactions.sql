-- One row per connection and cost: actual costs are lines of posted moves on analytic accounts, commitments what is ordered and not invoiced yet.
with costs as (

    select * from {{ ref('int_tryton__actual_costs') }}
    union all by name
    select * from {{ ref('int_tryton__commitments') }}

)

select
    source,
    transaction_id,
    cast(null as varchar)                              as project_id,
    scope_id,
    posting_date,
    document_date,
    amount,
    upper(currency)                                    as currency,
    category_original,
    kind,
    cast(null as varchar)                              as spend_type,
    cast(null as varchar)                              as task_id,
    vendor,
    reverses_id,
    note,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast_losses,
    landed_versions
from costs
