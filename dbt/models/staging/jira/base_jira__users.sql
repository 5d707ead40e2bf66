-- One row per connection and person seen in issues or hours.
{{ newest_records('jira', 'users', {"id": "VARCHAR", "name": "VARCHAR", "displayName": "VARCHAR", "emailAddress": "VARCHAR"}) }}
