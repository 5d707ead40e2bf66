-- One row per risk: what it is expected to cost or bring, and the days on which it is open and its response is due.
select
    project_id,
    risk_id,
    kind,
    title,
    status,
    expected_amount,
    currency,
    project_currency,
    opened_date,
    open_before,
    response_due,
    response_done_date
from {{ ref('risk_facts') }}
