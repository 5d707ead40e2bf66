{{ newest_records('pingcode', 'team', {"team": {"id": "VARCHAR", "name": "VARCHAR"}, "time_zone": "VARCHAR"}) }}
