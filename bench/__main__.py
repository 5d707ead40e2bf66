"""`python -m bench [NAME ...]`: all benchmarks, or some.

Belongs here: the list of benchmarks, the folder they work in, printing.
Does not: what is measured.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from pathlib import Path

from bench.measure import machine

BENCHMARKS = ("landing", "records", "models", "demo", "publish", "events", "event_to_published")


def main() -> None:
    """Run the benchmarks that are named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the speed of the pipeline.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} [all]")
    parser.add_argument(
        "--folder", type=Path, help="work here, on the disk that is to be measured, and leave what was made [a temporary folder]"
    )
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(machine())
    with tempfile.TemporaryDirectory(prefix="pmo-bench-") as temporary:
        for name in arguments.names or BENCHMARKS:
            folder = (arguments.folder or Path(temporary)).resolve() / name
            folder.mkdir(parents=True)
            began = time.monotonic()
            print(f"\n{name}")
            for figure in importlib.import_module(f"bench.{name}").run(folder):
                print(f"  {figure}", flush=True)
            print(f"  ({time.monotonic() - began:.0f} s for the benchmark)")


if __name__ == "__main__":
    main()
