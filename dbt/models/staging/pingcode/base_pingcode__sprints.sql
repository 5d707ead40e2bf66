{{ newest_records('pingcode', 'sprints', {
    "name": "VARCHAR",
    "project": {"id": "VARCHAR"},
    "status": "VARCHAR",
    "start_at": "VARCHAR",
    "end_at": "VARCHAR",
    "completed_at": "VARCHAR",
    "description": "VARCHAR"
}) }}
