-- One row per connection and repository: its newest version.
{{ newest_records('github', 'repositories', {"id": "VARCHAR", "full_name": "VARCHAR"}) }}
