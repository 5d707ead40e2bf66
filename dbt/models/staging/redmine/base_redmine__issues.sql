-- One row per connection and issue, with its journals.
{{ newest_records("redmine", "issues", {
    "id": "VARCHAR",
    "project": {"id": "VARCHAR"},
    "tracker": {"id": "VARCHAR", "name": "VARCHAR"},
    "status": {"id": "VARCHAR", "is_closed": "VARCHAR"},
    "priority": {"id": "VARCHAR", "name": "VARCHAR"},
    "author": {"id": "VARCHAR"},
    "assigned_to": {"id": "VARCHAR"},
    "parent": {"id": "VARCHAR"},
    "fixed_version": {"id": "VARCHAR"},
    "subject": "VARCHAR",
    "due_date": "VARCHAR",
    "estimated_hours": "VARCHAR",
    "custom_fields": [{"id": "VARCHAR", "name": "VARCHAR", "value": "VARCHAR"}],
    "created_on": "VARCHAR",
    "updated_on": "VARCHAR",
    "closed_on": "VARCHAR",
    "journals": [{
        "id": "VARCHAR",
        "user": {"id": "VARCHAR"},
        "created_on": "VARCHAR",
        "details": [{"property": "VARCHAR", "name": "VARCHAR", "old_value": "VARCHAR", "new_value": "VARCHAR"}]
    }]
}) }}
