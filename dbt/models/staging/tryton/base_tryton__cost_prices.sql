-- What an hour of a person costs from a day on. One row per connection and record of `company.employee_cost_price`: its newest version.
{{ newest_records('tryton', 'cost_prices', {
    "employee": "VARCHAR",
    "date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "cost_price": {"decimal": "VARCHAR"}
}) }}
