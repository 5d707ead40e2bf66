"""`python -m dagster_project.check`: dbt parses its project and Dagster loads its definitions, without any data.

Belongs here: what continuous integration asks besides tests, linter and types.
Does not: running anything.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

CONFIG = 'home = "home"\n[[sources]]\ntype = "files"\nname = "registers"\npath = "registers"\n'


def main() -> None:
    """Load everything for an empty configuration."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "registers").mkdir()
        config = Path(folder) / "pmo.toml"
        config.write_text(CONFIG, encoding="utf-8")

        import dagster as dg  # noqa: PLC0415 - seconds; and TMPDIR must not be set by our own home yet

        from dagster_project.definitions import build_definitions  # noqa: PLC0415 - as above
        from ingest.config import load_settings  # noqa: PLC0415 - as above

        definitions = build_definitions(load_settings(config))
        dg.Definitions.validate_loadable(definitions)
        graph = definitions.resolve_asset_graph()
        sys.stdout.write(f"{len(list(graph.get_all_asset_keys()))} assets, {len(graph.asset_check_keys)} checks: they load\n")


if __name__ == "__main__":
    main()
