-- Accounts of the ledger. One row per connection and record of `account.account`: its newest version.
{{ newest_records('tryton', 'accounts', {
    "code": "VARCHAR",
    "name": "VARCHAR"
}) }}
