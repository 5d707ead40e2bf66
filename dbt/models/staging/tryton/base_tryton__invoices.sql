-- Invoices, received and sent. One row per connection and record of `account.invoice`: its newest version.
{{ newest_records('tryton', 'invoices', {
    "number": "VARCHAR",
    "type": "VARCHAR",
    "state": "VARCHAR",
    "currency": "VARCHAR",
    "party": {"id": "VARCHAR", "name": "VARCHAR"},
    "invoice_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "move": "VARCHAR",
    "cancel_move": "VARCHAR"
}) }}
