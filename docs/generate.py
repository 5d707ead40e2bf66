"""The pages that are made from data, so that page and product cannot disagree: `python docs/generate.py` writes them.

Belongs here: file contract, published tables, metrics.
Does not: pages that people write.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import yaml

from ingest.entities import ENTITIES, Column, Entity

ROOT = Path(__file__).resolve().parents[1]
NOTICE = "<!-- Made by docs/generate.py; edit what it reads, then run `make docs`. -->\n"


def _limits(column: Column) -> str:
    if column.choices:
        return ", ".join(column.choices)
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum:g} to {column.maximum:g}"
    if column.minimum is not None:
        return f"{column.minimum:g} or more"
    return ""


def _entity_section(entity: Entity) -> str:
    lines = [f"### {entity.name}\n"]
    notes = [f"Each row needs one of {', '.join(f'`{name}`' for name in group)}." for group in entity.any_of]
    notes += [f"`{finish}` is not before `{start}`." for start, finish in entity.ordered]
    if entity.updated_at:
        notes.append(f"Of several versions of a key the newest `{entity.updated_at}` wins.")
    if entity.personal:
        notes.append(f"Personal data: {', '.join(f'`{name}`' for name in entity.personal)}.")
    if notes:
        lines.append(" ".join(notes) + "\n")
    lines.append("| column | type | required | key | values |\n|---|---|---|---|---|")
    lines += [
        f"| {column.name} | {column.type.value.replace('_', ' ')} | {'yes' if column.required else ''} "
        f"| {'key' if column.key else ''} | {_limits(column)} |"
        for column in entity.columns
    ]
    return "\n".join(lines) + "\n"


def file_contract() -> str:
    """The page of the file contract: every entity with its columns, from `ingest/entities.py`."""
    subjects: dict[str, list[Entity]] = {}
    for entity in ENTITIES.values():
        subjects.setdefault(entity.subject, []).append(entity)
    parts = [NOTICE, (ROOT / "docs" / "file-contract.intro.md").read_text(encoding="utf-8")]
    for subject, entities in subjects.items():
        parts.append(f"## {subject[0].upper()}{subject[1:]}\n")
        parts += [_entity_section(entity) for entity in entities]
    return "\n".join(parts)


def published_tables() -> str:
    """The page of the published tables: every column with its type and description, from `dbt/models/reports/*.yml`."""
    parts = [
        NOTICE,
        "# Published tables\n",
        "Schema `reports` of `published/current/pmo.duckdb`, and a Parquet file each in `published/current/parquet/`. The same "
        "descriptions are comments in the database. Undefined is NULL with a reason, never 0.\n",
    ]
    for path in sorted((ROOT / "dbt" / "models" / "reports").glob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            if not model.get("columns"):
                continue
            parts.append(f"## {model['name']}\n\n{' '.join(model['description'].split())}\n")
            parts.append("| column | type | meaning |\n|---|---|---|")
            parts += [
                f"| {column['name']} | {column['data_type']} | {' '.join(column['description'].split()).replace('|', chr(92) + '|')} |"
                for column in model["columns"]
            ]
            parts.append("")
    return "\n".join(parts)


def metrics() -> str:
    """The page of the metrics: a section each, from the seed that `metric_dictionary` publishes."""
    with (ROOT / "dbt" / "seeds" / "metric_definitions.csv").open(encoding="utf-8", newline="") as seed:
        rows = list(csv.DictReader(seed))
    parts = [
        NOTICE,
        "# Metrics\n",
        "Every metric of `reports.kpi_values`. A value that cannot be known is NULL with a reason; a ratio carries numerator, denominator "
        "and n, and a ratio of a group is a ratio of sums.\n",
    ]
    for row in rows:
        parts.append(f"## {row['metric_id']}\n\n**{row['name']}** · {row['name_zh']} · version {row['metric_version']}\n")
        parts.append(f"{row['question']}\n")
        parts.append("| | |\n|---|---|")
        parts += [
            f"| {label} | {row[name]} |"
            for label, name in (
                ("formula", "formula"),
                ("unit", "unit"),
                ("better", "direction"),
                ("published for", "grain"),
                ("made from", "source_tables"),
                ("tolerance", "tolerance"),
            )
            if row[name]
        ]
        page, _, heading = row["decision_link"].removeprefix("docs/").partition("#")
        parts.append(f"| what it leaves open | [{heading.replace('-', ' ')}]({page}#{heading}) |")
        parts.append("")
    return "\n".join(parts)


PAGES = {"file-contract.md": file_contract, "published-tables.md": published_tables, "metrics.md": metrics}


def main() -> None:
    """Write every page that differs from what stands there."""
    for name, page in PAGES.items():
        path = ROOT / "docs" / name
        text = page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote docs/{name}\n")


if __name__ == "__main__":
    main()
