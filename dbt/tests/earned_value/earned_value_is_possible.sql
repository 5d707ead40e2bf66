-- Figures that no project can have: a budget at completion of nothing, less than no cost so far, progress outside 0-100 %.
{{ config(severity='error', meta={'table': 'project_evm', 'advice': 'Correct the budgets of the baseline, the ledger lines or the progress of the project named; a credit may not exceed the cost before it.'}) }}
select project_id, status_date, baseline_version, task_id, anomaly, observed, compared_with
from {{ ref('earned_value_anomalies') }}
where is_blocking
order by project_id, status_date, baseline_version, task_id, anomaly
