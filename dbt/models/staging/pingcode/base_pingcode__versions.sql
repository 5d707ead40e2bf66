{{ newest_records('pingcode', 'versions', {
    "name": "VARCHAR",
    "project": {"id": "VARCHAR"},
    "end_at": "VARCHAR",
    "operate_at": "VARCHAR",
    "stage": {"name": "VARCHAR", "type": "VARCHAR"}
}) }}
