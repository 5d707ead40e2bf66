{{ newest_records('pingcode', 'projects', {"identifier": "VARCHAR", "name": "VARCHAR"}) }}
