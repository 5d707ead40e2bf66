-- Lines of purchases. One row per connection and record of `purchase.line`: its newest version.
{{ newest_records('tryton', 'purchase_lines', {
    "purchase": "VARCHAR",
    "amount": {"decimal": "VARCHAR"},
    "product": {"template": {"account_category": {"account_expense": "VARCHAR"}}},
    "analytic_accounts": [{"account": "VARCHAR"}]
}) }}
