-- One row per connection and project, under its key of today.
{{ newest_records('jira', 'projects', {"id": "VARCHAR", "key": "VARCHAR", "name": "VARCHAR"}) }}
