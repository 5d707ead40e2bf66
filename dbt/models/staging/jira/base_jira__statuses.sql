-- One row per connection and status.
{{ newest_records('jira', 'statuses', {"id": "VARCHAR", "name": "VARCHAR"}) }}
