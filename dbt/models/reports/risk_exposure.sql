-- One row per project and month end, from the project's first risk on: what the risk register says at the end of that day.
select
    project_id,
    as_of_date                                          as month_end,
    currency,
    open_threats,
    open_opportunities,
    exposure,
    opportunity_value,
    overdue_responses,
    contingency,
    exposure_to_contingency
from {{ ref('risk_months') }}
where is_registered
