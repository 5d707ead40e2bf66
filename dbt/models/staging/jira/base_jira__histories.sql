-- One row per connection and entry of an issue's history.
{{ newest_records('jira', 'histories', {
    "id": "VARCHAR",
    "issueId": "VARCHAR",
    "created": "VARCHAR",
    "author": {"accountId": "VARCHAR", "key": "VARCHAR", "name": "VARCHAR"},
    "items": [{
        "field": "VARCHAR",
        "fieldId": "VARCHAR",
        "from": "VARCHAR",
        "fromString": "VARCHAR",
        "to": "VARCHAR",
        "toString": "VARCHAR",
    }],
}) }}
