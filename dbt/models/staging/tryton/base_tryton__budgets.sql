-- Analytic budgets. One row per connection and record of `analytic_account.budget`: its newest version.
{{ newest_records('tryton', 'budgets', {
    "name": "VARCHAR",
    "start_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "end_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"}
}) }}
