-- One row per connection and board.
{{ newest_records('jira', 'boards', {"id": "VARCHAR", "name": "VARCHAR", "location": {"projectId": "VARCHAR"}}) }}
