-- One row per benefit: what was promised, what was measured and from which day on that is known.
select
    project_id,
    benefit_id,
    name,
    unit,
    currency,
    due_date,
    planned,
    actual,
    known_on,
    {{ percentage('actual', 'planned') }} >= tolerance.green as reaches_plan
from {{ ref('benefit_facts') }}
cross join (
    select coalesce(max(green), 100) as green from {{ ref('effective_tolerances') }} where metric_id = 'benefits_realization'
) as tolerance
where planned <> 0
