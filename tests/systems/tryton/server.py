"""A real Tryton on loopback: installed into an environment of its own, seeded once, served from a copy of the seeded database.

Belongs here: installing, seeding, serving, stopping, asking it over HTTP as a user's client would.
Does not: changes of its data (`changes.py`), what a test asserts.

The environment and the seeded database are kept in pytest's cache: the second start costs three seconds instead of a minute.
Nothing needs root; nothing listens beyond 127.0.0.1.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.systems.servers import free_port, run

HERE: Final = Path(__file__).parent
MODULES: Final = (
    "company currency timesheet timesheet_cost project project_plan project_revenue account account_invoice account_budget "
    "analytic_account analytic_budget analytic_purchase analytic_invoice purchase"
)
DATABASE: Final = "pmo"
START_SECONDS: Final = 120.0


def encoded(value: Any) -> str:
    """A domain, an order or a context as Tryton's REST takes it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@dataclass
class Installation:
    """The environment and the seeded database, made once and never changed."""

    home: Path

    @property
    def python(self) -> Path:
        return self.home / "venv" / "bin" / "python"

    @property
    def seeded(self) -> Path:
        return self.home / f"seeded-{_fingerprint()}"

    def make(self) -> None:
        """Install and seed, as far as it has not been done.

        Raises:
            UnavailableError: the packages do not come.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            # Two test runs may ask for it at once.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.home / "venv" / "bin" / "trytond").exists():
                self._install()
            if not (self.seeded / "done").exists():
                shutil.rmtree(self.seeded, ignore_errors=True)
                self._seed()
                (self.seeded / "done").touch()

    def _install(self) -> None:
        shutil.rmtree(self.home / "venv", ignore_errors=True)
        requirements = str(HERE / "requirements.txt")
        uv = shutil.which("uv")
        venv = str(self.home / "venv")
        steps = (
            [
                [uv, "venv", "-q", "--python", sys.executable, venv],
                [uv, "pip", "install", "-q", "--python", str(self.python), "-r", requirements],
            ]
            if uv
            else [
                [sys.executable, "-m", "venv", venv],
                [str(self.python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements],
            ]
        )
        for step in steps:
            run([part for part in step if part])

    def _seed(self) -> None:
        place = Place(self, self.seeded)
        place.write_configuration(0)
        database = self.seeded / "db" / f"{DATABASE}.sqlite"
        database.parent.mkdir(parents=True)
        # trytond does not make the file of a database, and asks for the password on a terminal unless a file has it.
        database.touch()
        password = self.seeded / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        admin = [str(self.home / "venv" / "bin" / "trytond-admin"), "-c", str(place.configuration), "-d", DATABASE]
        environment = {"TRYTONPASSFILE": str(password)}
        place.execute([*admin, "--all", "--email", "admin@example.net"], environment)
        place.execute([*admin, "--activate-dependencies", "-u", *MODULES.split()], environment)
        for script in ("groups.py", "seed.py", "rest_key.py"):
            place.execute([str(self.python), str(HERE / script)])
        password.unlink()


def _fingerprint() -> str:
    """Of everything that decides what is seeded."""
    files = sorted(HERE.glob("*.txt")) + [HERE / name for name in ("groups.py", "rest_key.py", "seed.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@dataclass
class Place:
    """A folder with a configuration and a database."""

    installation: Installation
    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "trytond.conf"

    def write_configuration(self, port: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configuration.write_text(
            f"[database]\nuri = sqlite://\npath = {self.folder / 'db'}\n[web]\nlisten = 127.0.0.1:{port}\n"
            "[session]\nauthentications = password\n"
        )

    def execute(self, command: Sequence[str], environment: dict[str, str] | None = None) -> str:
        """Run something in the environment of this place; its output."""
        done = subprocess.run(
            command,
            env={
                **os.environ,
                "TRYTOND_CONFIG": str(self.configuration),
                "TRYTON_HOME": str(self.folder),
                "TRYTON_DB": DATABASE,
                **(environment or {}),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@dataclass
class Tryton:
    """A running server on a database of its own. Use as a context."""

    installation: Installation
    folder: Path
    port: int = field(default_factory=free_port)
    company: int = 1
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Tryton:
        shutil.copytree(self.installation.seeded, self.folder)
        self.place.write_configuration(self.port)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def place(self) -> Place:
        return Place(self.installation, self.folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        """The administrator's key."""
        return (self.folder / "rest_key").read_text()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = (self.folder / "trytond.log").open("ab")
        self._process = subprocess.Popen(
            [str(self.installation.home / "venv" / "bin" / "trytond"), "-c", str(self.place.configuration), "-d", DATABASE],
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + START_SECONDS
        while True:
            assert self._process.poll() is None, (self.folder / "trytond.log").read_text()[-3000:]
            assert time.monotonic() < until, f"no answer on port {self.port}"
            try:
                self.rows("company.company", ["currency"])
                return
            except httpx.TransportError:
                time.sleep(0.2)

    def stop(self) -> None:
        """Stop the server by its process id, and wait for its end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=60)
            self._process = None

    def script(self, change: str, **arguments: Any) -> Any:
        """A change that REST cannot make, by `scripted.py`, with the server stopped: SQLite has one writer."""
        self.stop()
        try:
            out = self.place.execute([str(self.installation.python), str(HERE / "scripted.py"), change, json.dumps(arguments)])
        finally:
            self.start()
        return json.loads(out.strip().splitlines()[-1])

    def ask(
        self, method: str, path: str, *, key: str | None = None, body: Any = None, params: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """One request below `rest/model/`, as the company's user."""
        return httpx.request(
            method,
            f"{self.url}/{DATABASE}/rest/model/{path}",
            params=params,
            json=body,
            headers={
                "Authorization": f"Bearer {key or self.key}",
                "X-Tryton-Context": encoded({"company": self.company, "companies": [self.company]}),
                **(headers or {}),
            },
            timeout=60,
        )

    def rows(self, model: str, fields: Sequence[str], domain: Any = (), key: str | None = None) -> list[dict[str, Any]]:
        """All records of a model, as they come."""
        params = [*(("f", name) for name in fields), ("d", encoded(list(domain))), ("o", encoded([["id", "ASC"]]))]
        answer = self.ask("GET", model, params=params, key=key)
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def write(self, method: str, path: str, body: Any = None) -> Any:
        """A change; what the server answers."""
        answer = self.ask(method, path, body=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.json() if answer.content else None
