# ruff: noqa: T201
"""A company in Tryton: people with dated cost rates, exchange rates, projects, timesheets, ledger, budget, purchases, invoices.

Works without the HTTP server (proteus opens the database itself). Everything is drawn from SEED and YEAR.
Environment: TRYTOND_CONFIG (required), TRYTON_DB (pmo), SEED, YEAR, PROJECTS, TASKS, EMPLOYEES, DAYS.
"""

import datetime as dt
import os
import random
import sys
import time
from decimal import Decimal

from proteus import Model, Wizard, config

seed = int(os.environ.get("SEED", "3"))
year = int(os.environ.get("YEAR", "2026"))
n_projects = int(os.environ.get("PROJECTS", "4"))
n_tasks = int(os.environ.get("TASKS", "6"))
n_employees = int(os.environ.get("EMPLOYEES", "8"))
n_days = int(os.environ.get("DAYS", "90"))
rng = random.Random(seed)
started = time.monotonic()
cfg = config.set_trytond(database=os.environ.get("TRYTON_DB", "pmo"), config_file=os.environ["TRYTOND_CONFIG"])

Party = Model.get("party.party")
Company = Model.get("company.company")
Currency = Model.get("currency.currency")
if Company.find([]):
    sys.exit("this database already has a company: seed an empty one")

# --- currencies: the company's has the rate 1, USD one rate a month
eur = Currency(name="Euro", symbol="€", code="EUR", numeric_code="978", rounding=Decimal("0.01"), digits=2)
rate = eur.rates.new()
rate.date, rate.rate = dt.date(year, 1, 1), Decimal(1)
eur.save()
usd = Currency(name="US Dollar", symbol="$", code="USD", numeric_code="840", rounding=Decimal("0.01"), digits=2)
for month in range(1, 12):
    rate = usd.rates.new()
    rate.date, rate.rate = dt.date(year, month, 1), Decimal("1.08") + Decimal(month) / 100
usd.save()

# --- company; the user's preferences must be read again, else the context has no company
owner = Party(name="PMO Corp")
owner.save()
wizard = Wizard("company.company.config")
wizard.execute("company")
wizard.form.party, wizard.form.currency = owner, eur
wizard.execute("add")
(company,) = Company.find([])
User = Model.get("res.user")
(admin,) = User.find([("login", "=", "admin")])
cfg._context = User.get_preferences(True, cfg.context)

# --- people, two dated hourly cost rates each
Employee = Model.get("company.employee")
employees = []
for i in range(n_employees):
    party = Party(name=f"Employee {i}")
    party.save()
    employee = Employee(party=party, company=company)
    for start, price in ((dt.date(year, 1, 1), 40 + 5 * i), (dt.date(year, 7, 1), 44 + 5 * i)):
        cost = employee.cost_prices.new()
        cost.date, cost.cost_price = start, Decimal(price)
    employee.save()
    employees.append(employee)

# --- chart of accounts and fiscal year: Tryton's own test helpers build a minimal one
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts  # noqa: E402
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences  # noqa: E402

create_chart(company)
fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear(company, (dt.date(year, 1, 1), dt.date(year, 12, 31))))
fiscal_year.click("create_period")
accounts = get_accounts(company)

# --- analytic accounts: one root, one account a project
Analytic = Model.get("analytic_account.account")
root = Analytic(name="Projects", type="root", code="P")
root.save()
analytic = []
for p in range(1, n_projects + 1):
    account = Analytic(name=f"Program {p}", type="normal", code=f"PRG{p}", root=root, parent=root)
    account.save()
    analytic.append(account)

# --- works; a timesheet line hangs on the timesheet.work that the task owns, not on the task
Work = Model.get("project.work")
tasks = []
for p in range(1, n_projects + 1):
    project = Work(name=f"Program {p}", type="project", timesheet_available=False)
    project.save()
    for k in range(n_tasks):
        task = Work(
            name=f"Task {p}.{k}",
            type="task",
            parent=project,
            timesheet_available=True,
            effort_duration=dt.timedelta(hours=8 * (k + 1)),
            progress=round(rng.random(), 2),
        )
        task.save()
        tasks.append(task)
Line = Model.get("timesheet.line")
n_lines = 0
for offset in range(n_days):
    day = dt.date(year, 6, 1) + dt.timedelta(offset)
    if day.weekday() > 4:
        continue
    for employee in employees[:4]:
        line = Line(employee=employee, date=day, work=rng.choice(tasks).timesheet_works[0])
        line.duration = dt.timedelta(hours=rng.choice([2, 4, 7.5]))
        line.save()
        n_lines += 1

# --- ledger: one posted move a month and project, with its analytic line
Move = Model.get("account.move")
Period = Model.get("account.period")
(journal,) = Model.get("account.journal").find([("code", "=", "EXP")])
n_moves = 0
for month in range(1, 11):
    day = dt.date(year, month, 5)
    (period,) = Period.find([("start_date", "<=", day), ("end_date", ">=", day)])
    for account in analytic:
        amount = Decimal(rng.randint(1000, 9000))
        move = Move(journal=journal, date=day, period=period, description=f"cost {account.code}")
        debit = move.lines.new()
        debit.account, debit.debit = accounts["expense"], amount
        entry = debit.analytic_lines.new()
        entry.account, entry.debit, entry.date = account, amount, day
        credit = move.lines.new()
        credit.account, credit.credit, credit.party = accounts["payable"], amount, owner
        move.save()
        move.click("post")
        n_moves += 1

# --- budget: a cost is negative; `amount` is what is entered, `total_amount` adds the children
Budget = Model.get("analytic_account.budget")
BudgetLine = Model.get("analytic_account.budget.line")
budget = Budget(name=f"FY{year} baseline", root=root, start_date=dt.date(year, 1, 1), end_date=dt.date(year, 12, 31))
budget.save()
for account in analytic:
    line = BudgetLine(budget=budget, account=account)
    line.amount = Decimal("-60000")
    line.save()

# --- purchases in two currencies, split by project; each one's supplier invoice is posted
Category = Model.get("product.category")
category = Category(name="services", accounting=True, account_expense=accounts["expense"], account_revenue=accounts["revenue"])
category.save()
(unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
Template = Model.get("product.template")
template = Template(
    name="Contractor day",
    default_uom=unit,
    type="service",
    purchasable=True,
    list_price=Decimal(0),
    account_category=category,
)
template.save()
vendor = Party(name="Vendor A")
vendor.save()
Term = Model.get("account.invoice.payment_term")
term = Term(name="30 days")
remainder = term.lines.new()
remainder.type = "remainder"
remainder.relativedeltas.new().days = 30
term.save()
Purchase = Model.get("purchase.purchase")
n_purchases = n_invoices = 0
for i in range(8):
    purchase = Purchase(
        party=vendor,
        payment_term=term,
        purchase_date=dt.date(year, 2 + i, 3),
        currency=usd if i % 3 == 0 else eur,
        invoice_method="order",
        reference=f"PO-{i:04d}",
    )
    line = purchase.lines.new()
    line.product, line.quantity, line.unit_price = template.products[0], 10 + i, Decimal("450.00")
    entry = line.analytic_accounts[0] if line.analytic_accounts else line.analytic_accounts.new()
    entry.account = analytic[i % len(analytic)]
    purchase.save()
    purchase.click("quote")
    purchase.click("confirm")
    if purchase.state != "processing":
        purchase.click("process")
    purchase.reload()
    n_purchases += 1
    for invoice in purchase.invoices:
        invoice.invoice_date = dt.date(year, 2 + i, 20)
        invoice.save()
        invoice.click("post")
        n_invoices += 1

print(
    f"works={len(Work.find([]))} timesheet_lines={n_lines} moves={n_moves} purchases={n_purchases}"
    f" invoices={n_invoices} seconds={time.monotonic() - started:.1f}"
)
