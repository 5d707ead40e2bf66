"""`pmo builds`, `pmo rollback`, `pmo rebuild`: the published builds.

Belongs here: options and printing.
Does not: the builds themselves (`reports/builds.py`, `reports/rebuild.py`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, JsonOption, home_of, settings_of

BuildArgument = Annotated[str, typer.Argument(metavar="BUILD", help="A build id, or a beginning of one that only one build has.")]


def builds(home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """List the builds that are kept, the newest first."""
    from dagster_project.cli.display import instant, print_json, print_table
    from reports.builds import list_builds

    found = list_builds(home_of(config, home))
    if as_json:
        print_json(
            [
                {
                    "build_id": build.manifest.build_id,
                    "is_current": build.is_current,
                    "as_of": build.manifest.as_of,
                    "known_at": build.manifest.known_at,
                    "finished_at": build.manifest.finished_at,
                    "rows": build.manifest.rows,
                    "checks_passed": build.manifest.checks.passed,
                    "warnings": build.manifest.checks.warnings,
                    "code_version": build.manifest.code_version,
                    "path": str(build.path),
                }
                for build in found
            ]
        )
        return
    if not found:
        print("No build is published yet. Make one with: pmo run")
        return
    print_table(
        "",
        ["", "build", "as of", "published", "rows", "checks passed", "warnings"],
        [
            [
                "current" if build.is_current else "",
                build.manifest.build_id,
                build.manifest.as_of,
                instant(build.manifest.finished_at),
                build.manifest.rows,
                build.manifest.checks.passed,
                build.manifest.checks.warnings,
            ]
            for build in found
        ],
        numbers=frozenset({"rows", "checks passed", "warnings"}),
        whole=frozenset({"build"}),
    )


def rollback(build: BuildArgument, home: HomeOption = None, config: ConfigOption = None, debug: DebugOption = False) -> None:
    """Let readers see an older build, after verifying that it is whole. The next run publishes a new one."""
    from reports.builds import rollback as point_back

    done = point_back(home_of(config, home), build)
    print(f"current is build {done.manifest.build_id} (as of {done.manifest.as_of}).")


def rebuild(build: BuildArgument, home: HomeOption = None, config: ConfigOption = None, debug: DebugOption = False) -> None:
    """Make a build again from the inputs its manifest names, and compare the content hashes. Changes nothing that is published."""
    from dagster_project.cli.display import print_table
    from dagster_project.rebuilding import rebuild_build

    result = rebuild_build(settings_of(config, home), build)
    if result.same:
        print(f"Build {result.build_id}: all {len(result.compared)} tables came out the same.")
        return
    print_table(
        f"Build {result.build_id}: {len(result.differences)} of {len(result.compared)} tables came out otherwise",
        ["table", "rows published", "rows rebuilt", "hash published", "hash rebuilt"],
        [
            [item.table, item.rows_published, item.rows_rebuilt, (item.hash_published or "")[:12], (item.hash_rebuilt or "")[:12]]
            for item in result.differences
        ],
        numbers=frozenset({"rows published", "rows rebuilt"}),
    )
    raise CommandFailed(Status.OTHER, "The same inputs under this code give other numbers: the code has changed since that build.")
