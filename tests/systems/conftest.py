"""Tests against real systems: `make test-systems`. `make test` does not collect them.

Belongs here: what the tests of every system share.
Does not: a system's own fixtures (`<system>/conftest.py`), helpers that are no fixtures (`servers.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dagster_project.paths import Home
from tests.conformance.system import source_toml
from tests.support.command import Workplace
from tests.support.shared import parsed_by_dbt


@pytest.fixture
def workplace(tmp_path: Path) -> Callable[..., Workplace]:
    """Makes a folder with a configuration of one source, its secrets in files, for the real `pmo` command."""

    def make(table: Mapping[str, Any], files: Mapping[str, str] | None = None, **secrets: str) -> Workplace:
        """A workplace.

        Args:
            table: of the source, without its secrets.
            files: name -> content of what the PMO delivers beside (a map of statuses); read by a source of its own.
            secrets: key of the source -> value.
        """
        place = Workplace(tmp_path / "work")
        place.root.mkdir()
        for key, value in secrets.items():
            file = place.root / f"{key}.secret"
            file.write_text(value, encoding="utf-8")
            file.chmod(0o600)
        source = {**table, **{key: {"file": f"{key}.secret"} for key in secrets}}
        text = 'home = "home"\ntime_zone = "Europe/Berlin"\n' + source_toml(source)
        if files:
            place.delivered.mkdir()
            for name, content in files.items():
                (place.delivered / name).write_text(content, encoding="utf-8")
            text += '\n[[sources]]\ntype = "files"\nname = "registers"\npath = "delivered"\n'
        (place.root / "pmo.toml").write_text(text, encoding="utf-8")
        shutil.copytree(parsed_by_dbt().parent, Home(place.home).dbt_target)
        return place

    return make
