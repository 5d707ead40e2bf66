-- What was entered in a budget for an analytic account. One row per connection and record of `analytic_account.budget.line`: its newest version.
{{ newest_records('tryton', 'budget_lines', {
    "budget": "VARCHAR",
    "account": "VARCHAR",
    "amount": {"decimal": "VARCHAR"}
}) }}
