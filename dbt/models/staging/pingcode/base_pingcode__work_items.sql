{{ newest_records('pingcode', 'work_items', pingcode_work_item()) }}
