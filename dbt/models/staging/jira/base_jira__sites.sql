-- One row per connection: the site, and what its custom fields mean.
{{ newest_records('jira', 'sites', {
    "id": "VARCHAR",
    "address": "VARCHAR",
    "is_scoped": "VARCHAR",
    "work_day": "VARCHAR",
    "points": ["VARCHAR"],
    "sprint": "VARCHAR",
    "epic": "VARCHAR",
    "severity": "VARCHAR",
    "events": [{"id": "VARCHAR", "name": "VARCHAR", "field": "VARCHAR"}],
}) }}
