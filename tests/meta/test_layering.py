"""The layering: who may import whom, which layer of dbt may read which."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "dbt" / "models"

BANNED = {
    "ingest": {"dagster", "dagster_dbt", "dbt", "great_expectations", "expectations", "reports", "dagster_project"},
    "expectations": {"dagster", "dagster_dbt", "dbt", "ingest", "dagster_project"},
    "reports": {"dagster", "dagster_dbt", "dbt", "great_expectations", "ingest", "dagster_project"},
}
# A name that is put together has no layer to look up: core does so over its own `effective_…` tables.
REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*[,)]""")
SOURCE = re.compile(r"\b(?:source|landed)\(")
UNION_STAGED = re.compile(r"\bunion_staged\(")


def imports(file: Path) -> Iterator[str]:
    """Top-level names of everything a module imports, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", sorted(BANNED))
def test_a_package_imports_nothing_above_it(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = {f"{file.relative_to(ROOT)}: {name}" for file in files for name in imports(file) if name in BANNED[package]}
    assert found == set()


def test_the_import_scan_sees_imports_inside_functions(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def f():\n    from dagster.core import x\n    import reports.gate\n")
    assert set(imports(module)) == {"dagster", "reports"}


def model_files(folder: Path) -> list[Path]:
    """Every model under a folder, in whichever language."""
    return [*folder.rglob("*.sql"), *folder.rglob("*.py")]


def layers() -> dict[str, str]:
    """Model or seed name -> layer."""
    models = {file.stem: file.relative_to(MODELS).parts[0] for file in model_files(MODELS)}
    return models | {file.stem: "seeds" for file in (ROOT / "dbt" / "seeds").rglob("*.csv")}


def code(file: Path) -> str:
    """A model without its comments."""
    text = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"--.*", "", text)


MAY_REF = {
    "staging": {"staging"},
    "core": {"staging", "core", "seeds"},
    "marts": {"core", "marts", "seeds"},
    "evidence": {"core", "marts"},
    "reports": {"core", "marts"},
}


@pytest.mark.parametrize("layer", sorted(MAY_REF))
def test_a_layer_refs_only_the_layers_below_it(layer: str) -> None:
    known = layers()
    wrong = {
        f"{file.stem} -> {name} ({known.get(name)})"
        for file in model_files(MODELS / layer)
        for name in REF.findall(code(file))
        if known.get(name) not in MAY_REF[layer]
    }
    assert wrong == set()


def test_marts_evidence_and_reports_do_not_union_staging_behind_a_macro() -> None:
    files = [file for layer in ("marts", "evidence", "reports") for file in (MODELS / layer).rglob("*.sql")]
    assert [file.stem for file in files if UNION_STAGED.search(code(file))] == []


def test_sources_are_read_in_staging_only() -> None:
    readers = {file.relative_to(MODELS).as_posix() for file in MODELS.rglob("*.sql") if SOURCE.search(code(file))}
    assert readers
    assert {name for name in readers if not name.startswith("staging/")} == set()


def test_dbt_is_no_python_package() -> None:
    assert list((ROOT / "dbt").rglob("__init__.py")) == []
