{{ newest_records('pingcode', 'work_item_properties', {"id": "VARCHAR", "name": "VARCHAR", "options": [{"_id": "VARCHAR", "id": "VARCHAR", "text": "VARCHAR", "name": "VARCHAR"}]}) }}
