"""`pmo explain`: one number, its definition, and the rows behind it.

Belongs here: options and printing.
Does not: finding them (`reports/explain.py`).
"""

from __future__ import annotations

import re
import sys
import textwrap
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.display import rounded
from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, JsonOption, home_of

if TYPE_CHECKING:
    from reports.explain import Explanation, Part

WIDTH = 100
SHOWN = 20
_UNIX_EPOCH = date(1970, 1, 1)
_FIELD = 14


def explain(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="A metric id, such as cpi; metric_dictionary lists them.")],
    *,
    scope: Annotated[
        str, typer.Option("--scope", metavar="TYPE:ID", help="Whose value: project:P1, portfolio:PF1, team:T1, person:E1, organization, …")
    ],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The newest period up to this day [the newest].", show_default=False)
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows behind it as CSV.")] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", min=0, help=f"Rows of each part, the largest first; 0 = all [{SHOWN}; JSON and CSV: all].", show_default=False
        ),
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """A published number: its definition, numerator and denominator, why it is undefined, and the rows behind it."""
    scope_type, _, scope_id = scope.partition(":")
    if scope_type == "organization":
        scope_id = scope_id or "organization"
    if not scope_id:
        raise typer.BadParameter(
            f"{scope!r} is no scope: write a type and an id, such as project:P1 or organization.", param_hint="--scope"
        )
    found = _explained(home_of(config, home), metric, (scope_type, scope_id), _day(as_of), _limit(limit, all_rows=as_json or as_csv))
    if as_json:
        from dagster_project.cli.display import print_json

        print_json(found.as_dict())
    elif as_csv:
        _print_csv(found)
    else:
        print("\n".join(lines(found)))


def _explained(home: Path, metric: str, scope: tuple[str, str], as_of: date | None, limit: int | None) -> Explanation:
    from reports.builds import current
    from reports.explain import explain as look_up

    build = current(home)
    if build is None:
        raise CommandFailed(Status.OTHER, f"{home}: nothing is published yet; publish with pmo run.")
    return look_up(build, metric, *scope, as_of, limit)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date; write 2026-06-30.", param_hint="--as-of") from error


def _limit(limit: int | None, *, all_rows: bool) -> int | None:
    if limit is None:
        return None if all_rows else SHOWN
    return limit or None


def _print_csv(found: Explanation) -> None:
    import csv

    from reports.evidence import COLUMNS

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    key = [found.value[name] for name in ("scope_type", "scope_id", "period_start", "as_of_date")]
    for part in found.parts:
        out.writerows([*key, part.name, *row.values()] for row in part.shown)


def lines(found: Explanation) -> list[str]:
    """The explanation as people read it, in lines of at most a hundred columns."""
    definition, value = found.definition, found.value
    scope = value["scope_type"] if value["scope_type"] == value["scope_id"] else f"{value['scope_type']} {value['scope_id']}"
    names = definition["name"] + (f" ({definition['name_zh']})" if definition["name_zh"] else "")
    title = f"{names}: {scope}" + (f", {found.scope_name}" if found.scope_name else "")
    period = f"as of {value['as_of_date']}"
    if value["period_start"]:
        period = f"{value['period_type']} from {value['period_start']}, {period}"
    shown = shown_value(value["value"], found.unit)
    text = [*_wrapped("", title), *_wrapped("", definition["question"] or ""), ""]
    for name, told in (
        ("Value", "  ".join(part for part in (shown, value["rag"], f"({period})") if part)),
        ("Formula", definition["formula"]),
        ("With numbers", _with_numbers(found)),
        ("Numerator", amount(value["numerator"], 2) if value["numerator"] is not None else None),
        ("Denominator", amount(value["denominator"], 2) if value["denominator"] is not None else None),
        ("Range", _range(found)),
        ("n", f"{value['n']:,}" if value["n"] is not None else None),
        ("Status", _status(found)),
        ("Reason", ": ".join(part for part in (value["reason"], found.reason_text) if part)),
        ("Tolerance", _tolerance(found)),
        ("Baseline", f"version {value['baseline_version']}" if value["baseline_version"] is not None else None),
        ("Facts up to", f"{value['source_watermark']:%Y-%m-%d %H:%M:%S}Z" if value["source_watermark"] else None),
        ("Last values", " · ".join(_past(past, found.unit) for past in found.history)),
        ("Restated", " · ".join(_restated(told, found.unit) for told in found.restatements)),
        ("Made of", definition["source_tables"] if isinstance(definition["source_tables"], str) else None),
        ("Build", f"{found.build_id}, definition {value['metric_version']}"),
    ):
        if told:
            text += _wrapped(name, str(told))
    for part in found.parts:
        text += ["", *_part(part, found)]
    if not found.parts:
        text += ["", "There are no rows behind it."]
    return text


def _wrapped(name: str, text: str) -> list[str]:
    lead = f"{name:<{_FIELD}}" if name else ""
    return textwrap.wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_long_words=False, break_on_hyphens=False
    )


def shown_value(value: float | None, unit: str) -> str:
    """A value with its unit; nothing is a dash, and a day is a day."""
    if value is None:
        return "–"
    if unit.startswith("days since 1970"):
        return str(_UNIX_EPOCH + timedelta(days=round(value)))
    if unit in ("ratio", "share"):
        return amount(value, 4)
    return f"{amount(value, 2)} {unit}".strip()


def amount(value: float | Decimal, digits: int) -> str:
    """A number with separators; a whole one without decimals."""
    return rounded(value, 0 if value == round(value) else digits)


def _with_numbers(found: Explanation) -> str | None:
    """The formula with the numbers in it: the whole of it where it is one of earned value, else numerator over denominator."""
    value, unit = found.value, found.unit
    if value["value"] is None:
        return None
    result = shown_value(value["value"], unit)
    # What stands behind a semicolon or a comma is about other cases, or about units.
    formula = re.split("[;,]", str(found.definition["formula"]))[0].strip()
    names = re.findall("[A-Z]+", formula)
    # Wider scopes add up their projects, of which the operands may be others from metric to metric.
    is_whole = value["scope_type"] == "project" and value["reason"] != "finished" and found.operands.keys() >= set(names)
    if is_whole and re.fullmatch(r"[A-Z0-9 ()x/+-]+", formula):
        put_in = re.sub("[A-Z]+", lambda name: amount(found.operands[name[0]], 4 if name[0] == "CPI" else 2), formula)
        return f"{put_in.replace(' x ', ' × ')} = {result}"
    if value["numerator"] is None:
        rows = sum(part.rows for part in found.parts if part.name == "numerator")
        return f"over {rows:,} {'row' if rows == 1 else 'rows'} = {result}" if rows else None
    if value["denominator"] is None:
        rows = sum(part.rows for part in found.parts)
        return f"sum of {rows:,} {'row' if rows == 1 else 'rows'} = {result}" if rows else None
    hundred = "100 × " if found.is_percentage else ""
    return f"{hundred}{amount(value['numerator'], 2)} / {amount(value['denominator'], 2)} = {result}"


def _range(found: Explanation) -> str | None:
    """The least and the greatest of the forecasts, and each by its name."""
    if not found.family:
        return None
    words = {
        name: amount(value, 2) if isinstance(value, Decimal) else f"{value:%Y-%m-%d %H:%M}Z"
        for name, value in sorted(found.family.items(), key=lambda told: told[1])
    }
    least, *_, greatest = words.values()
    return f"{least} to {greatest}: {', '.join(f'{name} {word}' for name, word in words.items())}"


def _tolerance(found: Explanation) -> str | None:
    told, direction = found.tolerance, found.definition["direction"]
    if told is None or told["green"] is None:
        return None
    green, amber = (amount(told[name], 2) if told[name] is not None else None for name in ("green", "amber"))
    if found.value["rag"] is None:
        return (
            f"{told['tolerance_id']}: {green}"
            + (f", {amber}" if amber and amber != green else "")
            + (f"; immature under n = {told['minimum_n']}" if (told["minimum_n"] or 0) > 1 else "")
        )
    word = "up to" if direction == "down" else "from"
    return f"green {word} {green}" + (f", amber {word} {amber}" if amber else "")


def _status(found: Explanation) -> str:
    status = str(found.value["status"])
    least = (found.tolerance or {}).get("minimum_n")
    return f"immature: {least} are needed to trust it" if status == "immature" and least else status


def _past(past: dict[str, Any], unit: str) -> str:
    told = shown_value(past["value"], unit)
    return " ".join(str(part) for part in (past["as_of_date"], told, past["rag"] or past["reason"]) if part)


def _restated(told: dict[str, Any], unit: str) -> str:
    return f"{shown_value(told['old_value'], unit)} until build {told['old_build_id']} ({told['cause']})"


def _part(part: Part, found: Explanation) -> list[str]:
    adds_up = found.value[part.name] is not None
    total = f", sum {amount(part.sum, 2)} {part.unit or ''}".rstrip() if adds_up else ""
    head = f"{part.name.capitalize()}: {part.rows:,} {'row' if part.rows == 1 else 'rows'}{total}"
    if len(part.shown) < part.rows:
        head += f"; the largest {len(part.shown)} (all: --limit 0)"
    # One unit stands in the head; of several each row has its own.
    numbers = [amount(row["amount"], 2) + ("" if part.unit or not row["unit"] else f" {row['unit']}") for row in part.shown]
    widths = {
        "amount": max(map(len, numbers), default=0),
        "entity": max((len(row["entity"]) for row in part.shown), default=0),
        "record_key": min(max((len(row["record_key"]) for row in part.shown), default=0), 30),
    }
    text = [head]
    for row, number in zip(part.shown, numbers, strict=True):
        day = str(row["day"] or "")
        lead = f"  {day:<10}  {number:>{widths['amount']}}  {row['entity']:<{widths['entity']}}  "
        key = f"{lead}{row['record_key']:<{widths['record_key']}}"
        label = row["label"] or ""
        fits = len(key) + len(label) + 2 <= WIDTH
        text.append((f"{key}  {label}" if fits else key).rstrip())
        text += [f"{'':<{len(lead)}}{more}" for more in (None if fits else label, row["url"]) if more]
    return text
