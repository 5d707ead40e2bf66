{{ newest_records('pingcode', 'work_item_states', {"name": "VARCHAR", "type": "VARCHAR"}) }}
