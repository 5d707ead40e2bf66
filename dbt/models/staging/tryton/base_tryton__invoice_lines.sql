-- Lines of invoices. One row per connection and record of `account.invoice.line`: its newest version.
{{ newest_records('tryton', 'invoice_lines', {
    "invoice": "VARCHAR",
    "origin": "VARCHAR",
    "amount": {"decimal": "VARCHAR"},
    "currency": "VARCHAR",
    "account": "VARCHAR"
}) }}
