{{ newest_records('tempo', 'accounts', {"key": "VARCHAR", "name": "VARCHAR"}) }}
