-- One row per connection and project.
{{ newest_records("redmine", "projects", {"id": "VARCHAR", "identifier": "VARCHAR", "name": "VARCHAR", "status": "VARCHAR"}) }}
