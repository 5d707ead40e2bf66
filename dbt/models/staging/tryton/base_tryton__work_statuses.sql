-- Statuses of works. One row per connection and record of `project.work.status`: its newest version.
{{ newest_records('tryton', 'work_statuses', {
    "name": "VARCHAR",
    "progress": "VARCHAR"
}) }}
