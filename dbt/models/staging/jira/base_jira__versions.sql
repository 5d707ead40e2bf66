-- One row per connection and version.
{{ newest_records('jira', 'versions', {
    "id": "VARCHAR",
    "name": "VARCHAR",
    "projectId": "VARCHAR",
    "archived": "VARCHAR",
    "released": "VARCHAR",
    "releaseDate": "VARCHAR",
}) }}
