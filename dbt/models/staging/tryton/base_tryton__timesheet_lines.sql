-- Hours. One row per connection and record of `timesheet.line`: its newest version.
{{ newest_records('tryton', 'timesheet_lines', {
    "employee": "VARCHAR",
    "date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "duration": {"seconds": "VARCHAR"},
    "work": {"id": "VARCHAR", "origin": "VARCHAR"},
    "description": "VARCHAR",
    "cost_price": {"decimal": "VARCHAR"}
}) }}
