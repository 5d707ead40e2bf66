-- One row per connection and time entry.
{{ newest_records("redmine", "time_entries", {
    "id": "VARCHAR",
    "project": {"id": "VARCHAR"},
    "issue": {"id": "VARCHAR"},
    "user": {"id": "VARCHAR"},
    "activity": {"id": "VARCHAR", "name": "VARCHAR"},
    "hours": "VARCHAR",
    "comments": "VARCHAR",
    "spent_on": "VARCHAR",
    "custom_fields": [{"id": "VARCHAR", "name": "VARCHAR", "value": "VARCHAR"}]
}) }}
