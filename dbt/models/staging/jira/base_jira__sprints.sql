-- One row per connection and sprint.
{{ newest_records('jira', 'sprints', {
    "id": "VARCHAR",
    "name": "VARCHAR",
    "state": "VARCHAR",
    "startDate": "VARCHAR",
    "endDate": "VARCHAR",
    "completeDate": "VARCHAR",
    "originBoardId": "VARCHAR",
    "goal": "VARCHAR",
}) }}
