{{ newest_records('pingcode', 'users', {"name": "VARCHAR", "display_name": "VARCHAR", "email": "VARCHAR", "department": {"id": "VARCHAR"}}) }}
