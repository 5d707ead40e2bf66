# ruff: noqa: T201
"""Put the administrator into every group. In 8.x `admin` starts in none, and every business model answers AccessError."""

import os

from trytond import config

config.update_etc(os.environ["TRYTOND_CONFIG"])
from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402

name = os.environ.get("TRYTON_DB", "pmo")
Pool.start()
Pool(name).init()
with Transaction().start(name, 0) as transaction:
    pool = Pool()
    user = pool.get("res.user")
    groups = pool.get("res.group").search([])
    (admin,) = user.search([("login", "=", "admin")])
    user.write([admin], {"groups": [("add", [group.id for group in groups])]})
    transaction.commit()
print(f"groups={len(groups)}")
