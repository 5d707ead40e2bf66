-- Moves of the ledger, drafts among them. One row per connection and record of `account.move`: its newest version.
{{ newest_records('tryton', 'moves', {
    "number": "VARCHAR",
    "date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "state": "VARCHAR",
    "origin": "VARCHAR"
}) }}
