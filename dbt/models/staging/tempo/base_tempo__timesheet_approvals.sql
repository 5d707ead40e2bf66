{{ newest_records('tempo', 'timesheet_approvals', {
    "user": {"accountId": "VARCHAR"},
    "period": {"from": "VARCHAR", "to": "VARCHAR"},
    "status": {"key": "VARCHAR", "updatedAt": "VARCHAR"}
}) }}
