-- One row per connection and key of the configuration.
{{ newest_records("redmine", "meanings", {"id": "VARCHAR", "value": "VARCHAR"}) }}
