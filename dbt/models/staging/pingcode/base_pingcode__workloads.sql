{{ newest_records('pingcode', 'workloads', {
    "principal_type": "VARCHAR",
    "principal": {"id": "VARCHAR"},
    "type": {"name": "VARCHAR"},
    "duration": "VARCHAR",
    "review_state": "VARCHAR",
    "description": "VARCHAR",
    "report_at": "VARCHAR",
    "report_by": {"id": "VARCHAR"},
    "created_at": "VARCHAR"
}) }}
