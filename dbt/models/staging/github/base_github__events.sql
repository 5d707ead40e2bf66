-- One row per connection and event of an issue.
{{ newest_records('github', 'events', {
    "id": "VARCHAR",
    "event": "VARCHAR",
    "created_at": "VARCHAR",
    "actor": {"login": "VARCHAR"},
    "assignee": {"login": "VARCHAR"},
    "label": {"name": "VARCHAR"},
    "milestone": {"title": "VARCHAR"},
    "issue": {"id": "VARCHAR"}
}) }}
