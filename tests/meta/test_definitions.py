"""The snapshot of all Dagster definitions: an accidental rename shows as a diff of a reviewed file.

After a change that is meant: PMO_UPDATE_SNAPSHOT=1 .venv/bin/python -m pytest tests/meta/test_definitions.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.command import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("published")]

SNAPSHOT = Path(__file__).with_name("definitions.txt")


@pytest.fixture(scope="module")
def definitions(published: Workplace, tmp_path_factory: pytest.TempPathFactory) -> object:
    """The definitions of the tiny company's configuration; dbt's manifest is the one that its run has parsed."""
    from dagster_project.definitions import build_definitions
    from ingest.config import load_settings

    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "PMO_WAREHOUSE", "DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PROFILES_DIR", "TMPDIR"):
            patch.setenv(name, os.environ.get(name, ""))
        import tempfile

        patch.setattr(tempfile, "tempdir", tempfile.tempdir)
        return build_definitions(load_settings(published.root / "pmo.toml"))


def described(definitions: object) -> str:
    import dagster as dg

    assert isinstance(definitions, dg.Definitions)
    graph = definitions.resolve_asset_graph()
    made = sorted(key.to_user_string() for key in graph.materializable_asset_keys)
    checks = sorted(f"{key.asset_key.to_user_string()}: {key.name}" for key in graph.asset_check_keys)
    repository = definitions.get_repository_def()
    schedules = [f"{item.name}: {item.cron_schedule} {item.execution_timezone} -> {item.job_name}" for item in repository.schedule_defs]
    # One without a job asks for the assets whose condition holds.
    targets = {item.name: ", ".join(target.job_name for target in item.targets) or "conditions" for item in repository.sensor_defs}
    sensors = [f"{item.name}: every {item.minimum_interval_seconds} s -> {targets[item.name]}" for item in repository.sensor_defs]
    jobs = sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__"))
    sections = {"assets": made, "checks": checks, "jobs": jobs, "schedules": sorted(schedules), "sensors": sorted(sensors)}
    return "".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines) + "\n" for name, lines in sections.items())


def test_the_definitions_are_the_reviewed_ones(definitions: object) -> None:
    found = described(definitions)
    if os.environ.get("PMO_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found.splitlines() == SNAPSHOT.read_text(encoding="utf-8").splitlines()


def test_every_asset_has_an_owner_a_group_and_a_description(definitions: object) -> None:
    import dagster as dg

    assert isinstance(definitions, dg.Definitions)
    # Of a system that nobody configured there are only the names of the relations that its models would read.
    made = definitions.resolve_asset_graph().materializable_asset_keys
    specs = [spec for spec in definitions.resolve_all_asset_specs() if spec.key in made]
    assert {spec.key.to_user_string() for spec in specs if not spec.owners} == set()
    assert {spec.key.to_user_string() for spec in specs if not spec.group_name or spec.group_name == "default"} == set()
    assert {spec.key.to_user_string() for spec in specs if not (spec.description or "").strip()} == set()


def test_landing_streams_and_the_published_build_have_a_freshness_policy(definitions: object) -> None:
    import dagster as dg

    assert isinstance(definitions, dg.Definitions)
    aged = {spec.key.path[0] for spec in definitions.resolve_all_asset_specs() if spec.freshness_policy is not None}
    assert aged == {"landing", "published"}
