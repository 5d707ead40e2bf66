"""The warehouse: the tables registered from landing, and dbt's models with their tests as checks.

Belongs here: how dbt's nodes become assets, and dbt's invocation in a run.
Does not: SQL (`dbt/`), verdicts (`reports/gate.py`).
"""

# No postponed annotations: Dagster reads those of a step's context as they stand.

import importlib
import itertools
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from dagster_dbt.core.dbt_event_iterator import DbtDagsterEventType

from dagster_project import warehouse
from dagster_project.assets.landing import stream_key
from dagster_project.conclusion import conclude
from dagster_project.dbt_manifest import DBT_COMMAND
from dagster_project.dbt_process import BUILD_AND_TEST
from dagster_project.paths import dbt_project_dir
from dagster_project.policies import OWNERS
from dagster_project.progress import progress
from dagster_project.resources import DbtOfThisPackage, NightlyRun
from ingest.config import Settings
from ingest.entities import ENTITIES
from ingest.registry import api_streams, create, relation
from reports import gate
from reports.builds import published_history
from reports.earlier import EARLIER_TABLES, find_earlier
from reports.history import read_history
from reports.landing_checks import FileRejection
from reports.verdicts import Severity, Tier, Verdict

LANDING_TABLES = (*ENTITIES, "loads", "quarantine", "api_records")
GATE_TABLES = ("verdicts", "builds", *EARLIER_TABLES)


def dbt_resource(parsed: Path) -> DbtOfThisPackage:
    """dbt through this interpreter, so that it is the dbt of this environment and ends with the run.

    Args:
        parsed: the project as dbt parsed it.
    """
    return DbtOfThisPackage(
        project_dir=str(dbt_project_dir()),
        profiles_dir=str(dbt_project_dir()),
        dbt_executable=sys.executable,
        global_config_flags=[*DBT_COMMAND, "--parsed", str(parsed)],
    )


class WarehouseTranslator(DagsterDbtTranslator):
    """Names, groups and owners of dbt's nodes: the layer first, then the model; marts are grouped by area."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`warehouse/<schema>/<table>` for sources, `<layer>/<model>` for what dbt makes."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["warehouse", dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer; of a mart its area."""
        layer = _layer(dbt_resource_props)
        return str(dbt_resource_props["fqn"][2]) if layer == "marts" else layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        """The owner that the model names, else the team's."""
        owner = (dbt_resource_props.get("config", {}).get("meta") or {}).get("owner")
        return [owner] if owner else list(OWNERS)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description, else the comment at its head, which says what one row is."""
        return str(dbt_resource_props.get("description") or "") or _head_comment(str(dbt_resource_props.get("raw_code") or ""))

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """A test as a check that does not stop the step: the gate decides, when it has heard every other check as well."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        return dg.AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=str(manifest["nodes"][unique_id].get("description") or "") or spec.description,
            additional_deps=spec.additional_deps,
            metadata=spec.metadata,
            blocking=False,
        )


def _head_comment(sql: str) -> str:
    lines = itertools.takewhile(lambda line: line.startswith("--"), sql.strip().splitlines())
    return " ".join(line.removeprefix("--").strip() for line in lines)


def _layer(props: Mapping[str, Any]) -> str:
    return "seeds" if props["resource_type"] == "seed" else str(props["fqn"][1])


def registered_landing(settings: Settings) -> dg.AssetsDefinition:
    """The step that makes a new warehouse from landing."""
    deliverers = {config.name: set(create(config).streams()) for config in settings.sources}
    types = {config.name: config.type for config in settings.sources}
    relations = {
        (config.type, stream): relation(config.type, stream) for config in settings.sources for stream in api_streams().get(config.type, ())
    }

    @dg.multi_asset(
        name="register_landing",
        specs=[
            *(
                dg.AssetSpec(
                    ["warehouse", type_, stream],
                    deps=[stream_key(config.name, stream) for config in settings.sources if config.type == type_],
                    group_name="warehouse",
                    owners=OWNERS,
                    kinds={"duckdb"},
                    description=f"All landed records of `{stream}` that count for this run, from every source of type {type_}.",
                )
                for type_, stream in relations
            ),
            *(
                dg.AssetSpec(
                    ["warehouse", "landing", table],
                    deps=[
                        stream_key(name, stream)
                        for name, streams in deliverers.items()
                        for stream in sorted(streams)
                        if (stream == table and (types[name], stream) not in relations) or table not in ENTITIES
                    ],
                    group_name="warehouse",
                    owners=OWNERS,
                    kinds={"duckdb"},
                    description=_table_description(table),
                )
                for table in LANDING_TABLES
            ),
            *(
                dg.AssetSpec(
                    ["warehouse", "gate", table],
                    group_name="warehouse",
                    owners=OWNERS,
                    kinds={"duckdb"},
                    description=f"The gate's `{table}`: "
                    + ("what was published before." if table in EARLIER_TABLES else "empty until checks report."),
                )
                for table in GATE_TABLES
            ),
        ],
    )
    def register_landing(nightly: NightlyRun) -> Iterator[dg.MaterializeResult[Any]]:
        progress().phase("registering what has landed")
        build = nightly.fix_known_at()
        home = nightly.paths
        history = read_history(home.root, published_history(home.root))
        loads = nightly.landing.select(build.known_at)
        rows = warehouse.register(home.warehouse, loads, nightly.landing, build, history, find_earlier(home.root, build))
        progress().advance("landing registered", sum(rows[table] for table in (*ENTITIES, *relations.values())))
        for table in LANDING_TABLES:
            yield dg.MaterializeResult(asset_key=["warehouse", "landing", table], metadata={"dagster/row_count": rows[table]})
        for (type_, stream), table in relations.items():
            yield dg.MaterializeResult(asset_key=["warehouse", type_, stream], metadata={"dagster/row_count": rows[table]})
        for table in GATE_TABLES:
            yield dg.MaterializeResult(asset_key=["warehouse", "gate", table])

    return register_landing


def _table_description(table: str) -> str:
    if table in ENTITIES:
        return f"All landed records of `{table}` that count for this run, from every source."
    if table == "loads":
        return "One row for each load that counts for this run."
    if table == "api_records":
        return "One row for each landed version of a record of a system with an API."
    return "The rows of those loads that broke a row rule."


def warehouse_models(manifest: Path) -> dg.AssetsDefinition:
    """dbt's seeds and models as assets, its tests as their checks."""

    @dbt_assets(manifest=manifest, name="dbt_models", dagster_dbt_translator=WarehouseTranslator())
    def dbt_models(context: dg.AssetExecutionContext, dbt: DbtCliResource, nightly: NightlyRun) -> Iterator[DbtDagsterEventType]:
        os.environ.update(warehouse.dbt_environment(nightly.build_info()))
        # Great Expectations takes five seconds to import: it does so while this process waits for dbt.
        threading.Thread(target=importlib.import_module, args=("great_expectations",), daemon=True).start()
        progress().phase("building tables")
        invocation = dbt.cli([BUILD_AND_TEST], context=context, raise_on_error=False)
        finished: set[str] = set()
        tests_began = False
        for event in invocation.stream():
            node = _node(event)
            if not tests_began and node.startswith("test."):
                tests_began = True
                progress().phase("testing tables")
            if node not in finished:
                finished.add(node)
                progress().advance(node)
            yield event
        broken = record_verdicts(nightly, warehouse.keep_results(invocation.target_path, nightly.paths.dbt_target / "last"))
        if broken:
            # Dagster skips what lies behind, so the gate refuses here: the run must end with its decision.
            conclude(nightly)
            raise dg.Failure("\n".join(f"{verdict.check_name}: {verdict.message}" for verdict in broken), allow_retries=False)

    return dbt_models


def record_verdicts(nightly: NightlyRun, target: Path) -> list[Verdict]:
    """Give the gate what dbt found, what became of each source, and the checks of landing, which need the tables of core.

    Returns:
        The verdicts on tables that could not be built; empty if there is a candidate to judge further.
    """
    build_id = nightly.record.build_id
    with duckdb.connect(str(nightly.paths.warehouse)) as connection:
        verdicts = gate.record_dbt(connection, build_id, target)
        gate.landing_checks(connection, build_id, rejections(nightly))
        gate.record(connection, build_id, [*source_failures(nightly), *source_findings(nightly)])
    return [verdict for verdict in verdicts if not verdict.passed and verdict.check_name.startswith(("dbt_model:", "dbt_results"))]


def rejections(nightly: NightlyRun) -> list[FileRejection]:
    """The files that this run refused whole, in the words of the gate."""
    return [
        FileRejection(outcome.source, item.stream or "", item.file, item.reason, outcome.is_optional)
        for outcome in nightly.record.outcomes.values()
        for item in outcome.rejected
    ]


def source_failures(nightly: NightlyRun) -> list[Verdict]:
    """The sources that could not be read at all."""
    return [
        Verdict(
            f"source_failed:{outcome.source}",
            "",
            Tier.LANDING,
            Severity.WARN if outcome.is_optional else Severity.ERROR,
            passed=False,
            observed="failed",
            expected="read",
            message=outcome.error,
            advice="See what is wrong with: pmo sources check " + outcome.source,
        )
        for outcome in nightly.record.outcomes.values()
        if outcome.error is not None
    ]


def source_findings(nightly: NightlyRun) -> list[Verdict]:
    """What the reads found that is no error: one warning for each kind of finding in a stream."""
    return [
        Verdict(
            f"{item.kind}:{outcome.source}.{item.stream}",
            item.stream,
            Tier.LANDING,
            Severity.WARN,
            passed=False,
            observed=str(len(item.records)),
            expected="0",
            rows_failed=len(item.records),
            rows=tuple({"record": record} for record in item.records),
            message=item.message,
            advice="Look at these records in the system; the build is published all the same.",
        )
        for outcome in nightly.record.outcomes.values()
        for item in outcome.findings
    ]


def _node(event: DbtDagsterEventType) -> str:
    """The dbt node that an event tells of; a test that reads several tables is told once for each."""
    node = (event.metadata or {}).get("unique_id")
    return str(node.value if isinstance(node, dg.MetadataValue) else node)
