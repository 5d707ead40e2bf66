-- One row per connection and issue: its newest version.
{{ newest_records('github', 'issues', {
    "id": "VARCHAR",
    "number": "VARCHAR",
    "title": "VARCHAR",
    "state": "VARCHAR",
    "user": {"login": "VARCHAR"},
    "assignee": {"login": "VARCHAR"},
    "labels": [{"name": "VARCHAR"}],
    "milestone": {"id": "VARCHAR", "due_on": "VARCHAR"},
    "type": {"name": "VARCHAR"},
    "repository_url": "VARCHAR",
    "html_url": "VARCHAR",
    "created_at": "VARCHAR",
    "updated_at": "VARCHAR",
    "closed_at": "VARCHAR"
}) }}
