-- One row per connection and user.
{{ newest_records("redmine", "users", {"id": "VARCHAR", "firstname": "VARCHAR", "lastname": "VARCHAR", "mail": "VARCHAR"}) }}
