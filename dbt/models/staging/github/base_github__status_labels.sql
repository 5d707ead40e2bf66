-- One row per connection and label that is a status: its newest version.
{{ newest_records('github', 'status_labels', {"id": "VARCHAR", "name": "VARCHAR", "url": "VARCHAR"}) }}
