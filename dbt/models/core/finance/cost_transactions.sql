-- One row per ledger line, in the currency it was posted in.
with lines as (

    -- Which scope has to say the project, if any: as a column, so that the join below is one by keys.
    select
        *,
        case when project_id is null then scope_id end as placing_scope_id
    from {{ current_rows('cost_transactions') }}

)

select
    lines.source,
    lines.transaction_id,
    coalesce(lines.project_id, scopes.project_id)      as project_id,
    lines.scope_id,
    lines.project_id is null and coalesce(scopes.is_unmapped, false) as is_unmapped_scope,
    lines.posting_date,
    lines.document_date,
    lines.amount,
    lines.currency,
    categories.category,
    lines.category_original,
    lines.kind,
    lines.spend_type,
    lines.task_id,
    lines.vendor,
    lines.reverses_id
from lines
left join {{ ref('scope_intervals') }} as scopes
    on scopes.source = lines.source
    and scopes.scope_id = lines.placing_scope_id
    and lines.posting_date >= scopes.valid_from
    and lines.posting_date < scopes.valid_before
left join {{ ref('cost_categories') }} as categories
    on categories.source = lines.source
    and categories.source_category = lines.category_original
