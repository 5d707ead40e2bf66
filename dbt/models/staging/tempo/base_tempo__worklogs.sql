{{ newest_records('tempo', 'worklogs', {
    "issue": {"id": "VARCHAR"},
    "author": {"accountId": "VARCHAR"},
    "startDate": "VARCHAR",
    "timeSpentSeconds": "VARCHAR",
    "billableSeconds": "VARCHAR",
    "description": "VARCHAR",
    "createdAt": "VARCHAR",
    "updatedAt": "VARCHAR",
    "attributes": {"values": [{"key": "VARCHAR", "value": "VARCHAR"}]}
}) }}
