-- How many units of a currency one unit of the base is worth, from a day on. One row per connection and record of `currency.currency.rate`: its newest version.
{{ newest_records('tryton', 'currency_rates', {
    "currency": "VARCHAR",
    "date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "rate": {"decimal": "VARCHAR"}
}) }}
