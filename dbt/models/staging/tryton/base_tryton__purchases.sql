-- Purchases. One row per connection and record of `purchase.purchase`: its newest version.
{{ newest_records('tryton', 'purchases', {
    "number": "VARCHAR",
    "reference": "VARCHAR",
    "state": "VARCHAR",
    "currency": "VARCHAR",
    "party": {"id": "VARCHAR", "name": "VARCHAR"},
    "purchase_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"}
}) }}
