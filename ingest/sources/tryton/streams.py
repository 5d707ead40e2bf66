"""Which models of Tryton are read, which fields of them, and when a row counts as changed.

Belongs here: one class a model.
Does not: requests and typed JSON (`wire.py`), identity and rights (`source.py`), what a payload means (dbt staging).

Moves are read before the lines of invoices, purchases and analytic accounts. An invoice that is posted while we read is then posted for all
of them or for none: a cost is never counted beside the commitment that it replaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, ClassVar, Final

from ingest.entities import Column, ColumnType
from ingest.protocol import Window
from ingest.sources.tryton.wire import IDS_AT_ONCE, KEYS_PAGE_SIZE, STAMPS, Domain, Rest, changed_since, payload, stamp, typed_day
from ingest.streams import Cursor, Fate, Page, Reading, Record, Stream


class ModelStream(Stream):
    """The records of one model.

    Attributes:
        model: as Tryton names it.
        asked: the fields that are asked for, dotted where they lie in another model.
        company_path: where the record says its company; empty for what all companies share. The context alone is not enough: a key whose
            user may not see the company is answered with the rows of another one.
        related: what else lands with the record and has stamps of its own.
        only: what else the domain holds.
        day: the field that a window of days goes by.
    """

    model: ClassVar[str]
    asked: ClassVar[tuple[str, ...]]
    company_path: ClassVar[str] = "company"
    related: ClassVar[tuple[str, ...]] = ()
    only: ClassVar[tuple[Any, ...]] = ()
    day: ClassVar[str] = ""
    is_reconciled = True

    def __init__(self, rest: Rest, company: int) -> None:
        self.rest = rest
        self.company = company

    @property
    def fields_asked(self) -> tuple[str, ...]:
        """Fields of a request for records."""
        return (*self.asked, *STAMPS)

    @property
    def domain(self) -> Domain:
        """What belongs to the stream, whenever it changed."""
        conditions: Domain = list(self.only)
        if self.company_path:
            conditions.append([self.company_path, "=", self.company])
        return conditions

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """By id. A long read leaves a mark with each page; a killed one goes on there, from the start it had then."""
        since = reading.since(cursor)
        resumed = cursor if cursor is not None and "after" in cursor and not reading.is_full else None
        began_at = str(resumed["began_at"]) if resumed else str(reading.next_cursor["read_at"])
        after = int(resumed["after"]) if resumed else 0
        kept = {"read_at": cursor["read_at"]} if cursor is not None and "read_at" in cursor and not reading.is_full else {}
        domain = self.domain if since is None else [*self.domain, changed_since(since, self.related)]
        for page in self._pages(domain, after):
            yield Page(page.records, {**kept, "began_at": began_at, "after": int(page.records[-1].id)}, endpoint=page.endpoint)
        yield Page([], {"read_at": began_at})

    def count(self, reading: Reading) -> int:
        """One request. Tryton tells nobody of a deletion; the number of rows does, and only then all keys are compared."""
        return self.rest.count(self.model, self.domain)

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """Ids alone, in large pages."""
        for page in self.rest.pages(self.model, ("id",), self.domain, size=KEYS_PAGE_SIZE):
            yield [str(row["id"]) for row in page]

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """Asked again by id, in one question for many: what comes is there (it left the part that was read), the rest is gone."""
        return {str(row["id"]): Fate.THERE for rows in self._by_id(ids, ("id",)) for row in rows}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """By id, many at once."""
        for asked in _at_once(ids):
            found = [_record(row) for row in chain.from_iterable(self._by_id(asked, self.fields_asked))]
            there = {record.id for record in found}
            yield Page([*found, *(Record(id_, None, is_deleted=True) for id_ in asked if id_ not in there)], endpoint=self.model)

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """The days of the model's own date; everything of a model that has none."""
        if not self.day:
            yield from self._pages(self.domain)
            return
        yield from self._pages([*self.domain, *self._days(window.first, window.last)])

    def _pages(self, domain: Domain, after: int = 0) -> Iterator[Page]:
        for rows in self.rest.pages(self.model, self.fields_asked, domain, after):
            yield Page([_record(row) for row in rows], endpoint=self.model)

    def _by_id(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        for asked in _at_once(ids):
            yield self.rest.some(self.model, fields, [*self.domain, ["id", "in", [int(id_) for id_ in asked]]], IDS_AT_ONCE)

    def _days(self, first: date, last: date) -> Domain:
        return [[self.day, ">=", typed_day(first)], [self.day, "<=", typed_day(last)]]


def _at_once(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield ids[start : start + IDS_AT_ONCE]


def _record(row: Mapping[str, Any]) -> Record:
    return Record(str(row["id"]), payload(row), stamp(row))


def _need(name: str, type_: ColumnType = ColumnType.TEXT, minimum: float | None = None, maximum: float | None = None) -> Column:
    return Column(name, type_, required=True, minimum=minimum, maximum=maximum)


def _day(name: str) -> tuple[Column, ...]:
    """A typed date: a year that the file contract allows, a month, a day."""
    return (
        _need(f"{name}.year", ColumnType.INTEGER, 1970, 2100),
        _need(f"{name}.month", ColumnType.INTEGER, 1, 12),
        _need(f"{name}.day", ColumnType.INTEGER, 1, 31),
    )


class Companies(ModelStream):
    """The company that the source is configured for: its currency is that of rates, budgets and the ledger."""

    name = "companies"
    model = "company.company"
    asked = ("currency", "timezone")
    company_path = "id"
    fields = (_need("currency"),)


class Currencies(ModelStream):
    """Currencies, by id: two of them may have one code."""

    name = "currencies"
    model = "currency.currency"
    asked = ("code", "name", "active")
    company_path = ""
    fields = (_need("code"),)


class CurrencyRates(ModelStream):
    """How many units of a currency one unit of the base is worth, from a day on."""

    name = "currency_rates"
    model = "currency.currency.rate"
    asked = ("currency", "date", "rate")
    company_path = ""
    day = "date"
    fields = (_need("currency"), *_day("date"), _need("rate.decimal", ColumnType.DECIMAL, 0))


class Employees(ModelStream):
    """People of the company."""

    name = "employees"
    model = "company.employee"
    asked = ("party.name", "party.email", "start_date", "end_date", "active", "supervisor", "company")
    related = ("party", "party.contact_mechanisms")
    personal = ("party.name", "party.email")
    fields = (_need("party.id"),)


class CostPrices(ModelStream):
    """What an hour of a person costs from a day on. What is frozen on a timesheet line stays there when a rate is added backwards."""

    name = "cost_prices"
    model = "company.employee_cost_price"
    asked = ("employee", "date", "cost_price")
    company_path = "employee.company"
    fields = (_need("employee"), *_day("date"), _need("cost_price.decimal", ColumnType.DECIMAL, 0))


class WorkStatuses(ModelStream):
    """Statuses of works; one with progress 1 is meant as the end."""

    name = "work_statuses"
    model = "project.work.status"
    asked = ("name", "types", "progress", "active")
    company_path = ""
    fields = (_need("name"),)


class Works(ModelStream):
    """Projects and their tasks, as they are now: Tryton keeps no history of them. Computed fields are left out, they move no stamp."""

    name = "works"
    model = "project.work"
    asked = ("number", "name", "type", "parent", "status", "effort_duration", "progress", "timesheet_available", "company")
    fields = (
        _need("name"),
        _need("status"),
        Column("type", required=True, choices=("project", "task")),
        Column("effort_duration.seconds", ColumnType.DECIMAL, minimum=0),
        Column("progress", ColumnType.DECIMAL, minimum=0, maximum=1),
    )


class TimesheetLines(ModelStream):
    """Hours. All of them can vanish, and be moved to another day."""

    name = "timesheet_lines"
    model = "timesheet.line"
    asked = ("employee", "date", "duration", "work.origin", "description", "cost_price", "uuid", "company")
    related = ("work",)
    day = "date"
    free_text = ("description",)
    fields = (_need("employee"), *_day("date"), _need("duration.seconds", ColumnType.DECIMAL, 0, 86_400))


class Accounts(ModelStream):
    """Accounts of the ledger: their codes are the cost categories of the source."""

    name = "accounts"
    model = "account.account"
    asked = ("code", "name", "company")
    fields = (_need("name"),)


class AnalyticAccounts(ModelStream):
    """Analytic accounts: their codes are scopes. Roots and views carry no lines."""

    name = "analytic_accounts"
    model = "analytic_account.account"
    asked = ("code", "name", "type", "parent", "root", "active", "company")
    fields = (_need("name"), _need("type"))


class Moves(ModelStream):
    """Moves of the ledger. A posted one stays as it is; what corrects it is another one that names it in `origin`."""

    name = "moves"
    model = "account.move"
    asked = ("number", "date", "post_date", "state", "origin", "company")
    day = "date"
    fields = (*_day("date"), _need("state"))


class Invoices(ModelStream):
    """Invoices, received and sent."""

    name = "invoices"
    model = "account.invoice"
    asked = ("number", "type", "state", "currency", "party.name", "invoice_date", "accounting_date", "move", "cancel_move", "company")
    related = ("party",)
    day = "invoice_date"
    fields = (_need("state"), _need("type"))


class InvoiceLines(ModelStream):
    """Lines of invoices: `origin` says which line of a purchase is invoiced, or which line of an invoice is credited."""

    name = "invoice_lines"
    model = "account.invoice.line"
    asked = ("invoice", "origin", "amount", "currency", "account", "company")
    only = (["type", "=", "line"],)
    fields = (Column("amount.decimal", ColumnType.DECIMAL),)


class Purchases(ModelStream):
    """Purchases: their state says whether their lines are commitments."""

    name = "purchases"
    model = "purchase.purchase"
    asked = ("number", "reference", "state", "currency", "party.name", "purchase_date", "company")
    related = ("party",)
    day = "purchase_date"
    fields = (_need("state"), _need("currency"))


class PurchaseLines(ModelStream):
    """Lines of purchases, with the analytic accounts that they are meant for. Quantities are floats: money is taken from the amount."""

    name = "purchase_lines"
    model = "purchase.line"
    asked = (
        "purchase",
        "amount",
        "quantity",
        "unit_price",
        "product.template.account_category.account_expense",
        "analytic_accounts.account",
    )
    company_path = "purchase.company"
    related = ("product.template", "analytic_accounts")
    only = (["type", "=", "line"],)
    fields = (_need("purchase"), _need("amount.decimal", ColumnType.DECIMAL))


class AnalyticLines(ModelStream):
    """What was booked on analytic accounts. Lines of draft moves are among them: whether one counts is said by its move."""

    name = "analytic_lines"
    model = "analytic_account.line"
    asked = (
        "account",
        "date",
        "debit",
        "credit",
        "currency",
        "move_line.account",
        "move_line.move",
        "move_line.origin",
        "move_line.amount_second_currency",
        "move_line.second_currency",
    )
    related = ("move_line",)
    day = "date"
    fields = (
        _need("account"),
        *_day("date"),
        _need("debit.decimal", ColumnType.DECIMAL),
        _need("credit.decimal", ColumnType.DECIMAL),
        _need("move_line.move"),
    )


class Budgets(ModelStream):
    """Analytic budgets: each is a version of the budgets of the projects in it."""

    name = "budgets"
    model = "analytic_account.budget"
    asked = ("name", "root", "start_date", "end_date", "company")
    fields = (_need("name"),)


class BudgetLines(ModelStream):
    """What was entered for an analytic account; costs are negative there."""

    name = "budget_lines"
    model = "analytic_account.budget.line"
    asked = ("budget", "account", "amount")
    company_path = "budget.company"
    fields = (_need("budget"), Column("amount.decimal", ColumnType.DECIMAL))


STREAMS: Final[tuple[type[ModelStream], ...]] = (
    Companies,
    Currencies,
    CurrencyRates,
    Employees,
    CostPrices,
    WorkStatuses,
    Works,
    TimesheetLines,
    Accounts,
    AnalyticAccounts,
    Moves,
    Invoices,
    InvoiceLines,
    Purchases,
    PurchaseLines,
    AnalyticLines,
    Budgets,
    BudgetLines,
)
"""In the order of reading; see above."""
