-- The company the source is configured for. One row per connection and record of `company.company`: its newest version.
{{ newest_records('tryton', 'companies', {
    "currency": "VARCHAR",
    "timezone": "VARCHAR"
}) }}
