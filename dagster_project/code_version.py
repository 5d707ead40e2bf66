"""Which code made a build.

Belongs here: the version of the package and, in a clone, the commit.
Does not: the versions of what it depends on (the lock file has those).
"""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = "pmo-metrics-warehouse"


@cache
def code_version() -> str:
    """Such as `0.1.0+1a2b3c4d5e6f`; `.changed` at the end where the clone differs from that commit."""
    try:
        package = version(PACKAGE)
    except PackageNotFoundError:
        package = "0"
    commit = _git("rev-parse", "--short=12", "HEAD")
    if commit is None:
        return package
    changed = ".changed" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{package}+{commit}{changed}"


def _git(*arguments: str) -> str | None:
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10)  # noqa: S607 - whichever git
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
