"""Landing: an asset for each stream of each source.

Belongs here: asking a source for its new records and noting what came.
Does not: reading and writing records (`ingest`).
"""

# No postponed annotations: Dagster reads those of a step's context as they stand.

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project.policies import OWNERS, freshness, try_again_if_transient
from dagster_project.progress import progress
from dagster_project.resources import NightlyRun
from dagster_project.run_record import DriftNote, FindingNote, Rejection, SourceOutcome
from ingest.config import Settings, SourceSettings
from ingest.entities import ENTITIES
from ingest.events.reading import after_read, before_read
from ingest.landing import LandingError
from ingest.manifest import Manifest
from ingest.protocol import IngestResult, Order, SourceError
from ingest.registry import api_streams, create

GROUP = "landing"
DELIVERY_CHECK = "delivery"


def stream_key(source: str, stream: str) -> dg.AssetKey:
    """The asset of one stream of a configured source."""
    return dg.AssetKey(["landing", source, stream])


def landing_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One multi-asset a source: its streams are read together, because one file may feed several."""
    return [_source_assets(config, settings) for config in settings.sources]


def _source_assets(config: SourceSettings, settings: Settings) -> dg.AssetsDefinition:
    streams = create(config).streams()
    policy = freshness(settings.schedule)

    @dg.multi_asset(
        name=f"land_{config.name.replace('-', '_').replace('.', '_')}",
        specs=[
            dg.AssetSpec(
                stream_key(config.name, stream),
                group_name=GROUP,
                owners=OWNERS,
                kinds={config.type, "parquet"},
                description=f"Records of `{stream}`{_subject(stream)} as source `{config.name}` gave them.",
                freshness_policy=policy,
            )
            for stream in streams
        ],
        check_specs=[
            dg.AssetCheckSpec(
                DELIVERY_CHECK,
                asset=stream_key(config.name, stream),
                description="The source was read, no file of the stream was rejected, and rows read = accepted + quarantined + superseded.",
            )
            for stream in streams
        ],
    )
    def land(context: dg.AssetExecutionContext, nightly: NightlyRun) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        outcome, loads = land_source(context, nightly, config)
        for stream in streams:
            newest = [load for load in loads if load.stream == stream]
            rejected = [item for item in outcome.rejected if item.stream == stream]
            yield dg.MaterializeResult(asset_key=stream_key(config.name, stream), metadata=_metadata(newest, nightly))
            yield dg.AssetCheckResult(
                asset_key=stream_key(config.name, stream),
                check_name=DELIVERY_CHECK,
                passed=outcome.error is None and not rejected and all(_is_accounted(load) for load in newest),
                severity=dg.AssetCheckSeverity.WARN if config.optional else dg.AssetCheckSeverity.ERROR,
                metadata={
                    "read": sum(load.rows_read for load in newest),
                    "accepted": sum(load.rows_accepted for load in newest),
                    "quarantined": sum(load.rows_quarantined for load in newest),
                    "superseded": sum(load.rows_superseded for load in newest),
                    **{f"rejected {item.file}": item.reason for item in rejected},
                },
            )

    return land


def _subject(stream: str) -> str:
    return f" ({ENTITIES[stream].subject})" if stream in ENTITIES else ""


def land_source(context: dg.AssetExecutionContext, nightly: NightlyRun, config: SourceSettings) -> tuple[SourceOutcome, list[Manifest]]:
    """Land what is new in a source. A source that fails does not end the run: what else is wrong shows too, and publishing is held back."""
    progress().phase(f"reading {config.name}")
    outcome = SourceOutcome(source=config.name, is_optional=config.optional)
    result = IngestResult()
    try:
        result = try_again_if_transient(context, lambda: _read(nightly, config))
        if nightly.record.window is None and not nightly.record.full_refresh:
            result.findings += after_read(nightly.settings, config, result.loads, nightly.record.started_at)
    except SourceError as error:
        outcome.error = str(error)
        context.log.error(f"{config.name}: {error}")
    except LandingError as error:
        # Not the source's fault and not to be worked around: what cannot be kept must not be built on.
        raise dg.Failure(str(error), allow_retries=False) from error
    outcome.is_system = config.type in api_streams()
    outcome.files = 0 if outcome.is_system else len({load.file for load in result.loads})
    outcome.streams = len({load.stream for load in result.loads if load.rows_read}) if outcome.is_system else 0
    outcome.rows = sum(load.rows_accepted for load in result.loads)
    outcome.quarantined = sum(load.rows_quarantined for load in result.loads)
    outcome.rejected = [Rejection(file=item.file, stream=item.stream, reason=item.reason) for item in result.rejected]
    outcome.drift = [DriftNote(file=item.file, column=item.column, kind=item.kind) for item in result.drift]
    outcome.findings = [
        FindingNote(stream=item.stream, kind=item.kind, message=item.message, records=list(item.records)) for item in result.findings
    ]
    nightly.keep(outcomes={**nightly.record.outcomes, config.name: outcome})
    progress().advance(config.name)
    return outcome, list(result.loads)


def _read(nightly: NightlyRun, config: SourceSettings) -> IngestResult:
    record = nightly.record
    named, findings = before_read(nightly.settings, config)
    result = create(config).ingest(
        nightly.landing,
        record.build_id,
        record.started_at,
        lambda stream, rows: progress().note(f"{config.name} {stream}", rows),
        Order(full_refresh=record.full_refresh, window=record.window, named=named.records, named_until=named.until),
    )
    result.findings += findings
    return result


def _is_accounted(load: Manifest) -> bool:
    return load.rows_read == load.rows_accepted + load.rows_quarantined + load.rows_superseded


def _metadata(loads: list[Manifest], nightly: NightlyRun) -> dict[str, dg.MetadataValue]:
    """What Dagster's UI shows of a stream after a run; a run that found nothing new says so with zero loads."""
    newest = loads[-1] if loads else None
    found: dict[str, dg.MetadataValue] = {
        "loads": dg.MetadataValue.int(len(loads)),
        "dagster/row_count": dg.MetadataValue.int(sum(load.rows_accepted for load in loads)),
        "bytes": dg.MetadataValue.int(sum(load.delivered_bytes for load in loads)),
    }
    if newest is not None:
        found |= {
            "cursor": dg.MetadataValue.text(newest.cursor_after or "none: files are compared by content"),
            "landing file": dg.MetadataValue.path(nightly.paths.root / newest.parquet.path),
            "manifest": dg.MetadataValue.path(nightly.paths.root / newest.manifest_path),
        }
    return found
