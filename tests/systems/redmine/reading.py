"""The connector against a real Redmine, without the command around it.

Belongs here: a configured source, a read into a home, what of it is landed.
Does not: Redmine itself (`server.py`), the whole pipeline (`test_warehouse.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.api import ApiSource
from ingest.config import load_settings
from ingest.landing import Landing
from ingest.protocol import IngestResult, Order
from ingest.registry import create
from tests.conformance.landed import live, payloads, versions
from tests.conformance.system import toml
from tests.systems.redmine.server import Redmine

_runs = iter(range(1, 1_000_000))
NOW_AND_ALL = Order()


@dataclass(frozen=True)
class Reader:
    """A home into which a Redmine is read."""

    redmine: Redmine
    home: Path
    keys: Mapping[str, Any]

    def source(self, **keys: Any) -> ApiSource:
        """As `pmo.toml` would configure it; the key in a file."""
        self.home.mkdir(parents=True, exist_ok=True)
        secret = self.home.parent / "key"
        secret.write_text(self.redmine.key, encoding="utf-8")
        secret.chmod(0o600)
        table = {
            "type": "redmine",
            "name": "tracker",
            "base_url": self.redmine.url,
            "api_key": {"file": str(secret)},
            "overlap_minutes": 0,
            **self.keys,
            **keys,
        }
        config = self.home.parent / "pmo.toml"
        config.write_text("[[sources]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in table.items()), encoding="utf-8")
        (settings,) = load_settings(config).sources
        source = create(settings)
        assert isinstance(source, ApiSource)
        return source

    def read(self, order: Order = NOW_AND_ALL, **keys: Any) -> IngestResult:
        """One read."""
        return self.source(**keys).ingest(Landing(self.home), f"run{next(_runs):04d}", datetime.now(UTC), None, order)

    def live(self, stream: str) -> set[str]:
        """Ids of what is there."""
        return live(self.home, stream)

    def versions(self, stream: str) -> list[str]:
        """Ids of all landed versions, tombstones included."""
        return versions(self.home, stream)

    def newest(self, stream: str) -> dict[str, Any]:
        """Id -> newest landed payload."""
        found = [json.loads(text) for text in payloads(self.home, stream)]
        return {str(payload["id"]): payload for payload in found}


@dataclass(frozen=True)
class Scene:
    """A project of a test's own in a Redmine that others use, too, and a reader of just that project."""

    redmine: Redmine
    identifier: str
    project: int
    reader: Reader

    def add_issue(self, **members: Any) -> int:
        """A new issue; its id."""
        body = {"project_id": self.project, "tracker_id": 2, "subject": "Größe 项目", "estimated_hours": 8, **members}
        return int(self.redmine.change("POST", "/issues.json", {"issue": body})["issue"]["id"])

    def add_hours(self, **members: Any) -> int:
        """A new time entry; its id."""
        place = {} if "issue_id" in members else {"project_id": self.project}
        body = {"hours": "1.25", "activity_id": 9, "spent_on": "2026-10-01", **place, **members}
        return int(self.redmine.change("POST", "/time_entries.json", {"time_entry": body})["time_entry"]["id"])

    def put_issue(self, issue: int, **members: Any) -> None:
        """Change an issue."""
        self.redmine.change("PUT", f"/issues/{issue}.json", {"issue": members})

    def archive(self, action: str) -> None:
        """`archive`, `unarchive`, `close`, `reopen`."""
        self.redmine.change("PUT", f"/projects/{self.identifier}/{action}.json")


_scenes = iter(range(1, 1_000_000))


def make_scene(redmine: Redmine, tmp_path: Path) -> Scene:
    """A new project with issues and hours switched on."""
    identifier = f"scene{next(_scenes)}"
    project = {
        "name": identifier,
        "identifier": identifier,
        "tracker_ids": [1, 2, 3],
        "enabled_module_names": ["issue_tracking", "time_tracking"],
    }
    number = int(redmine.change("POST", "/projects.json", {"project": project})["project"]["id"])
    return Scene(redmine, identifier, number, Reader(redmine, tmp_path / "home", {"projects": [identifier]}))
