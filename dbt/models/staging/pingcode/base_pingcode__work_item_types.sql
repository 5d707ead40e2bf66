{{ newest_records('pingcode', 'work_item_types', {"name": "VARCHAR", "group": "VARCHAR"}) }}
