-- Currencies, by id. One row per connection and record of `currency.currency`: its newest version.
{{ newest_records('tryton', 'currencies', {
    "code": "VARCHAR",
    "name": "VARCHAR",
    "active": "VARCHAR"
}) }}
