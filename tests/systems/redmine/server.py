"""A real Redmine: installed from Debian's packages, filled with the company of `seed.rb`, served on loopback.

Belongs here: installing, databases, starting and stopping, requests as a user of Redmine makes them.
Does not: what is asserted.

The filled SQLite database is kept in pytest's cache, so that only the first run on a computer fills one; a change of the scripts or of the
installed version makes a new one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.systems.servers import UnavailableError, free_port, run, stop

HERE = Path(__file__).parent
RAILS = Path("/usr/share/redmine")
ISSUES, JOURNALS, ENTRIES, PROJECTS, USERS = 600, 1800, 1781, 5, 10
"""What `seed.rb` makes, on every database."""


@dataclass(frozen=True)
class Redmine:
    """A running Redmine and its administrator's key."""

    url: str
    key: str
    client: httpx.Client

    def get(self, path: str, **params: Any) -> Any:
        """The answer of a request that must succeed."""
        answer = self.client.get(path, params=params or None)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.json()

    def change(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Change something, as a user of its API; the record that Redmine answers with, if any."""
        answer = self.client.request(method, path, json=body)
        assert answer.status_code in (200, 201, 204), (path, answer.status_code, answer.text[:300])
        return answer.json() if answer.content.strip() else None

    def status(self, path: str) -> int:
        """Just the status."""
        return self.client.get(path).status_code

    def all(self, path: str, member: str, **params: Any) -> list[Any]:
        """All records of a list, read as plainly as can be: the reference for what the connector reads."""
        found: list[Any] = []
        while True:
            page = self.get(path, limit=100, offset=len(found), **params)
            found += page[member]
            if len(found) >= page["total_count"]:
                return found


@dataclass(frozen=True)
class Database:
    """Where an instance keeps its data."""

    instance: str
    key: str
    environment: Mapping[str, str]

    def ruby(self, script: Path | str) -> str:
        """Run a script (or a line) inside Redmine, for what its API cannot do."""
        return _rails(self.environment, str(script))


def install(*, postgresql: bool = False) -> str:
    """Install the packages, once; what is installed.

    Raises:
        UnavailableError: not root, no Debian, no mirror.
    """
    if os.geteuid() != 0:
        raise UnavailableError("installing Debian's package takes root")
    if shutil.which("apt-get") is None:
        raise UnavailableError("the package is Debian's, and there is no apt-get")
    wanted = ["redmine", "puma", *(["ruby-pg", "postgresql-15"] if postgresql else [])]
    found = _installed(wanted)
    if found.count("ii ") < len(wanted):
        run([HERE / "install.sh"], REDMINE_DB="postgresql" if postgresql else "sqlite")
        if postgresql:
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql-15"], DEBIAN_FRONTEND="noninteractive")
        found = _installed(wanted)
    return found


def _installed(packages: list[str]) -> str:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package} ${Version}\\n", *packages]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout


def filled(cache: Path) -> tuple[Path, str]:
    """A SQLite database with the seeded company, and the administrator's key; made once and never changed."""
    version = install()
    scripts = b"".join((HERE / name).read_bytes() for name in ("instance.sh", "setup.rb", "seed.rb"))
    folder = cache / hashlib.sha256(scripts + version.encode()).hexdigest()[:16]
    if not (folder / "key").exists():
        aside = folder.with_suffix(".making")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        with _instance(aside / "redmine.sqlite") as environment:
            key = _setup(environment)
        (aside / "key").write_text(key, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    return folder / "redmine.sqlite", (folder / "key").read_text(encoding="utf-8")


@contextmanager
def copied(template: Path, key: str, folder: Path) -> Iterator[Database]:
    """An instance on its own copy of a filled database."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "redmine.sqlite")
    with _instance(folder / "redmine.sqlite") as environment:
        yield Database(environment["REDMINE_INSTANCE"], key, environment)


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Database]:
    """An instance on a PostgreSQL of its own, filled anew."""
    install(postgresql=True)
    port = str(free_port())
    data = folder / "pgdata"
    data.mkdir(parents=True)
    shutil.chown(data, "postgres", "postgres")
    # PostgreSQL does not run as root, and its user has to reach the folder.
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    programs = Path("/usr/lib/postgresql/15/bin")
    as_postgres = ["runuser", "-u", "postgres", "--"]
    run([*as_postgres, programs / "initdb", "-D", data, "-A", "trust", "--no-sync"], cwd=Path("/"))
    options = f"-c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={data}"
    run([*as_postgres, programs / "pg_ctl", "-D", data, "-l", data / "log", "-o", f"{options} -p {port}", "-w", "start"], cwd=Path("/"))
    try:
        admin = {"PGHOST": "127.0.0.1", "PGPORT": port}
        role, database = (
            "create role redmine login password 'redmine'",
            "create database redmine owner redmine encoding 'UTF8' template template0",
        )
        run([*as_postgres, programs / "psql", "-h", "127.0.0.1", "-p", port, "-c", role, "-c", database], cwd=Path("/"))
        with _instance(None, REDMINE_DB="postgresql", **admin) as environment:
            yield Database(environment["REDMINE_INSTANCE"], _setup(environment), environment)
    finally:
        run([*as_postgres, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], cwd=Path("/"))


@contextmanager
def served(database: Database, folder: Path) -> Iterator[Redmine]:
    """Serve an instance until the end of the block."""
    port = free_port()
    pid = int(run([HERE / "serve.sh"], cwd=folder, **{**database.environment, "REDMINE_PORT": str(port)}).strip())
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"X-Redmine-API-Key": database.key}, timeout=60, transport=_patient()
        ) as client:
            yield Redmine(f"http://127.0.0.1:{port}", database.key, client)
    finally:
        stop(pid)


def _patient() -> httpx.BaseTransport:
    return httpx.HTTPTransport(retries=3)


@contextmanager
def _instance(file: Path | None, **environment: str) -> Iterator[dict[str, str]]:
    """An instance with a name of its own, taken away at the end; a new file is filled with Redmine's tables and defaults."""
    name = f"pmo-tests-{os.getpid()}-{free_port()}"
    environment = {"RAILS_ENV": "production", "REDMINE_INSTANCE": name, "REDMINE_FILE": str(file or ""), **environment}
    try:
        run([HERE / "instance.sh"], **environment)
        yield environment
    finally:
        run([HERE / "instance.sh", "remove"], **environment)


def _setup(environment: Mapping[str, str]) -> str:
    key = _rails(environment, str(HERE / "setup.rb")).splitlines()[-1]
    made = _rails(environment, str(HERE / "seed.rb"))
    if f"issues={ISSUES} journals={JOURNALS} time_entries={ENTRIES}" not in made:
        raise AssertionError(f"the seed made something else: {made}")
    return key


def _rails(environment: Mapping[str, str], script: str) -> str:
    return run(["bundle", "exec", "rails", "runner", script], cwd=RAILS, **environment)
