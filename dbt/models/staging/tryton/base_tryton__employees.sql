-- People of the company. One row per connection and record of `company.employee`: its newest version.
{{ newest_records('tryton', 'employees', {
    "party": {"id": "VARCHAR", "name": "VARCHAR", "email": "VARCHAR"},
    "start_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "end_date": {"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR"},
    "supervisor": "VARCHAR"
}) }}
