"""Declarative automation: what is landed by hand is published once, if its checks passed; what another job carries on is left to it."""

# No postponed annotations: Dagster reads those of a step as they stand.

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.automation import CARRY, carry_landed, publish_landed
from dagster_project.jobs import nightly_job
from ingest.config import load_settings

STREAM = "teams"
LANDED = ("warehouse", "landing")


class Graph:
    """Landing of two sources, registration and a build, without their work; the condition, the jobs and the sensor are the real ones."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        sources = "".join(
            f'[[sources]]\ntype = "files"\nname = "{name}"\npath = "in"\noptional = {str(name == "extra").lower()}\n'
            for name in ("main", "extra")
        )
        (folder / "pmo.toml").write_text(sources)
        settings = load_settings(folder / "pmo.toml")
        self.has_passed = {"main": True, "extra": True}
        self.definitions = dg.Definitions(
            assets=[*(self._landing(name) for name in self.has_passed), *self._rest()],
            jobs=[nightly_job(), publish_landed(settings)],
            sensors=[carry_landed()],
        )
        self.instance = dg.DagsterInstance.ephemeral()
        self._cursor: object = None

    def _landing(self, name: str) -> dg.AssetsDefinition:
        key = dg.AssetKey(["landing", name, STREAM])

        @dg.asset(key=key, group_name="landing", check_specs=[dg.AssetCheckSpec("delivery", asset=key)])
        def land() -> Iterator[dg.MaterializeResult[Any]]:
            yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=self.has_passed[name], check_name="delivery")])

        return land

    def _rest(self) -> list[dg.AssetsDefinition]:
        landed = [dg.AssetKey(["landing", name, STREAM]) for name in self.has_passed]

        @dg.multi_asset(
            specs=[
                dg.AssetSpec(["warehouse", "landing", STREAM], deps=landed[:1]),
                dg.AssetSpec(["warehouse", "landing", "loads"], deps=landed),
                dg.AssetSpec(["warehouse", "gate", "builds"]),
            ]
        )
        def register() -> Iterator[dg.MaterializeResult[Any]]:
            for key in ([*LANDED, STREAM], [*LANDED, "loads"], ["warehouse", "gate", "builds"]):
                yield dg.MaterializeResult(asset_key=key)

        @dg.asset(key=["published", "build"], deps=[["warehouse", "landing", "loads"]])
        def build() -> None: ...

        return [register, build]

    def run(self, job: str, *left_out: str) -> None:
        keys = [key for key in self.definitions.resolve_asset_graph().get_all_asset_keys() if key.path[1] not in left_out]
        self.definitions.resolve_job_def(job).execute_in_process(instance=self.instance, asset_selection=keys if left_out else None)

    def land(self, name: str) -> None:
        """Materialize one stream alone, as somebody does in the UI."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=self.instance, asset_selection=[dg.AssetKey(["landing", name, STREAM])])

    def asks(self) -> int:
        """How many jobs the condition asks for now."""
        result = dg.evaluate_automation_conditions(self.definitions, self.instance, cursor=self._cursor)  # type: ignore[arg-type]
        self._cursor = result.cursor
        return result.total_requested


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    graph = Graph(tmp_path, monkeypatch)
    assert graph.asks() == 0
    graph.run("nightly")
    assert graph.asks() == 0
    return graph


def test_what_was_landed_by_hand_is_published_once(graph: Graph) -> None:
    graph.land("main")
    assert graph.asks() == 1
    graph.run(CARRY)
    assert graph.asks() == 0


def test_a_run_that_reads_one_source_and_publishes_is_not_repeated(graph: Graph) -> None:
    graph.run("nightly", "extra")
    assert graph.asks() == 0


def test_what_failed_its_checks_is_carried_nowhere(graph: Graph) -> None:
    graph.has_passed["main"] = False
    graph.land("main")
    assert graph.asks() == 0
    graph.land("extra")
    assert graph.asks() == 0
    graph.has_passed["main"] = True
    graph.land("main")
    assert graph.asks() == 1


def test_an_optional_source_holds_nothing_back(graph: Graph) -> None:
    graph.has_passed["extra"] = False
    graph.land("extra")
    assert graph.asks() == 1


def test_the_sensor_looks_at_the_job_while_dagster_runs(graph: Graph) -> None:
    repository = graph.definitions.get_repository_def()
    assert {sensor.name: sensor.default_status for sensor in repository.sensor_defs} == {"carry_landed": dg.DefaultSensorStatus.RUNNING}


def test_the_job_makes_everything_but_landing(graph: Graph) -> None:
    made = graph.definitions.resolve_job_def(CARRY).asset_layer.selected_asset_keys
    assert {key.path[0] for key in made} == {"warehouse", "published"}
