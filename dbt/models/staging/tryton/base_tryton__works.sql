-- Projects and tasks as they are now. One row per connection and record of `project.work`: its newest version.
{{ newest_records('tryton', 'works', {
    "number": "VARCHAR",
    "name": "VARCHAR",
    "type": "VARCHAR",
    "parent": "VARCHAR",
    "status": "VARCHAR",
    "effort_duration": {"seconds": "VARCHAR"},
    "progress": "VARCHAR",
    "create_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR", "hour": "VARCHAR", "minute": "VARCHAR", "second": "VARCHAR", "microsecond": "VARCHAR"},
    "write_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR", "hour": "VARCHAR", "minute": "VARCHAR", "second": "VARCHAR", "microsecond": "VARCHAR"}
}) }}
