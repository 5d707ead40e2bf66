-- One row per transition; under the id of an item stands a row without `r`, which took a disagreement out of quarantine.
{{ newest_records('pingcode', 'transition_histories', {
    "work_item": {"id": "VARCHAR"},
    "from_state": {"id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR"},
    "to_state": {"id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR"},
    "created_at": "VARCHAR",
    "created_by": {"id": "VARCHAR"}
}) }}
