-- One row per connection and milestone: its newest version.
{{ newest_records('github', 'milestones', {
    "id": "VARCHAR",
    "title": "VARCHAR",
    "state": "VARCHAR",
    "url": "VARCHAR",
    "due_on": "VARCHAR",
    "closed_at": "VARCHAR"
}) }}
