{{ newest_records('pingcode', 'departments', {"name": "VARCHAR", "parent": {"id": "VARCHAR"}}) }}
