{{ newest_records('tempo', 'connection', {"jira": "VARCHAR", "activity_attribute": "VARCHAR", "site": "VARCHAR"}) }}
