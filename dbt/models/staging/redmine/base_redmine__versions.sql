-- One row per connection and version.
{{ newest_records("redmine", "versions", {
    "id": "VARCHAR", "project": {"id": "VARCHAR"}, "name": "VARCHAR", "status": "VARCHAR", "due_date": "VARCHAR"
}) }}
