-- One row per connection and entry of work.
{{ newest_records('jira', 'worklogs', {
    "id": "VARCHAR",
    "issueId": "VARCHAR",
    "author": {"accountId": "VARCHAR", "key": "VARCHAR", "name": "VARCHAR", "timeZone": "VARCHAR"},
    "created": "VARCHAR",
    "started": "VARCHAR",
    "timeSpentSeconds": "VARCHAR",
    "comment": "JSON",
}) }}
