-- One row per tolerance: its thresholds, as the colours of this build were given.
select
    metric_id                                                           as tolerance_id,
    green,
    amber,
    is_one_sided,
    minimum_n
from {{ ref('effective_tolerances') }}
