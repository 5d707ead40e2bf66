-- One row per connection, list and thing: `trackers:1`.
{{ newest_records("redmine", "catalogue", {
    "id": "VARCHAR", "name": "VARCHAR", "is_closed": "VARCHAR", "customized_type": "VARCHAR"
}) }}
