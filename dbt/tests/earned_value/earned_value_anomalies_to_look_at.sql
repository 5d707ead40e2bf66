-- Figures that contradict each other: cost without earning and the reverse, falling values, unrealistic estimates, budgets that changed by themselves.
{{ config(severity='warn', meta={'table': 'project_evm', 'advice': 'Ask the project: each line names what was observed and what it contradicts. The build is published all the same.'}) }}
select project_id, status_date, baseline_version, task_id, anomaly, observed, compared_with
from {{ ref('earned_value_anomalies') }}
where not is_blocking
order by project_id, status_date, baseline_version, task_id, anomaly
