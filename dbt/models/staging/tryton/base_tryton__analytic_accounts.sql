-- Analytic accounts: their codes are scopes. One row per connection and record of `analytic_account.account`: its newest version.
{{ newest_records('tryton', 'analytic_accounts', {
    "code": "VARCHAR",
    "name": "VARCHAR",
    "type": "VARCHAR",
    "active": "VARCHAR"
}) }}
