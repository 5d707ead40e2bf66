-- What was booked on analytic accounts. One row per connection and record of `analytic_account.line`: its newest version.
{{ newest_records('tryton', 'analytic_lines', {
    "account": "VARCHAR",
    "date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "debit": {"decimal": "VARCHAR"},
    "credit": {"decimal": "VARCHAR"},
    "currency": "VARCHAR",
    "move_line": {"id": "VARCHAR", "account": "VARCHAR", "move": "VARCHAR", "origin": "VARCHAR"}
}) }}
