-- Says which values of closed periods this build tells otherwise than the build before.
{{ config(severity='warn', meta={'table': 'restatements', 'advice': 'Tell those who have reported these values; `restatements` has the old and the new ones with their cause.'}) }}
select
    metric_id,
    scope_type,
    scope_id,
    period_type,
    period_start,
    old_value,
    new_value,
    cause
from {{ ref('restatements') }}
where build_id = {{ build_id() }}
order by metric_id, scope_type, scope_id, period_start
