"""The command line without a run: help, usage errors, exit statuses, templates."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import fastexcel
import pytest

from dagster_project.cli import app, options
from dagster_project.cli.errors import CommandFailed, Status, status_of
from ingest.config import load_settings
from ingest.config_problems import ConfigError
from ingest.entities import ENTITIES
from ingest.landing import LandingError
from ingest.protocol import PermanentError
from reports.builds import UnknownBuild
from reports.gate import Decision, GateRefused
from reports.lock import LockHeld

COMMANDS = ("demo", "init", "run", "status", "builds", "rollback", "rebuild", "quarantine", "explain", "sources", "sample", "dev")
HEAVY = ("dagster", "dbt", "duckdb", "polars", "great_expectations", "pyarrow", "pandas", "numpy", "pydantic", "sqlalchemy")


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PMO_CONFIG", raising=False)
    monkeypatch.setattr(options._Debug, "is_on", False)


def test_help_imports_nothing_heavy() -> None:
    """A second of imports a command would be felt on each; measured as modules, because a time would depend on the machine."""
    script = (
        "import sys; from dagster_project.cli.app import execute; status = execute(['--help']);"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(f"  {command} " in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", [*((name,) for name in COMMANDS), ("sources", "list"), ("sources", "check")])
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute([*command, "--help"]) == Status.DONE
    assert "Usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [("run",), ("status",), ("builds",), ("rollback", "x"), ("rebuild", "x"), ("quarantine",), ("sources", "list"), ("dev",)]
)
def test_every_command_takes_home_config_and_debug(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute([*command, "--home", "nowhere", "--config", "missing.toml", "--debug"]) == Status.CONFIGURATION
    assert "missing.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command"),
        (["run", "--as-of", "tomorrow"], "no date"),
        (["run", "--known-at", "noon"], "no instant"),
        (["run", "--nonsense"], "No such option"),
        (["run"], "pmo init"),
        (["status"], "pmo init"),
        (["status", "--home", "nowhere"], "no such folder"),
        (["sample", "--out", "x", "--projects", "0"], "--projects"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute(arguments) == Status.CONFIGURATION
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_a_wrong_configuration_ends_with_2_and_lists_every_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pmo.toml").write_text('reporting_currency = "x"\nnonsense = 1\n')
    assert app.execute(["run"]) == Status.CONFIGURATION
    said = capsys.readouterr().err
    assert "pmo.toml:1:" in said
    assert "pmo.toml:2:" in said
    assert not (tmp_path / ".pmo").exists()


def test_an_unknown_source_ends_with_2_before_anything_is_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pmo.toml").write_text('[[sources]]\ntype = "files"\nname = "registers"\npath = "x"\n')
    assert app.execute(["run", "--source", "register"]) == Status.CONFIGURATION
    assert "registers" in capsys.readouterr().err
    assert not (tmp_path / ".pmo").exists()


BAD_EXPRESSIONS = """\
[[sources]]
type = "files"
name = "lab"
path = "x"
[sources.entities.risks]
columns = { title = "heading", probability = "read_csv('/etc/passwd')" }
[sources.entities.people]
columns = { name = "select 1; drop table x" }
"""


@pytest.mark.parametrize("command", [("run",), ("sources", "check"), ("sources", "list"), ("dev",)])
def test_expressions_that_cannot_be_used_are_refused_with_their_lines(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pmo.toml").write_text(BAD_EXPRESSIONS)
    assert app.execute(list(command)) == Status.CONFIGURATION
    said = capsys.readouterr().err
    assert "pmo.toml:6: " in said
    assert "risks.probability" in said
    assert "pmo.toml:8: " in said
    assert "risks.title" not in said
    assert not (tmp_path / ".pmo").exists()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError(None, []), Status.CONFIGURATION),
        (UnknownBuild("x"), Status.CONFIGURATION),
        (GateRefused(Decision("b", True, (), (), (), 0)), Status.GATE_REFUSED),
        (PermanentError("a", "b", "c"), Status.SOURCE_FAILED),
        (LockHeld(Path("run.lock"), None), Status.LOCKED),
        (LandingError("a", "b"), Status.OTHER),
        (CommandFailed(Status.SOURCE_FAILED), Status.SOURCE_FAILED),
    ],
)
def test_each_error_of_ours_has_its_status_and_its_own_words(error: Exception, status: Status) -> None:
    assert status_of(error) == (status, True)


def test_an_unexpected_error_ends_with_1_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: object, **__: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(app, "app", broken)
    assert app.execute(["run"]) == Status.OTHER
    said = capsys.readouterr().err
    assert "the disk is on fire" in said
    assert "--debug" in said
    assert "Traceback" not in said


def test_debug_shows_the_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute(["status", "--config", str(tmp_path / "missing.toml"), "--debug"]) == Status.CONFIGURATION
    assert "Traceback" in capsys.readouterr().err


def test_init_writes_a_configuration_that_loads_and_a_template_an_entity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute(["init", "office"]) == Status.DONE
    settings = load_settings(tmp_path / "office" / "pmo.toml")
    assert settings.sources[0].path.is_dir()
    templates = tmp_path / "office" / "templates"
    workbook = fastexcel.read_excel(templates / "pmo.xlsx")
    assert workbook.sheet_names == list(ENTITIES)
    for entity in ENTITIES.values():
        names = [column.name for column in entity.columns]
        with (templates / f"{entity.name}.csv").open(newline="") as file:
            assert list(csv.reader(file)) == [names]
        assert [column.name for column in workbook.load_sheet(entity.name).available_columns()] == names


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pmo.toml").write_text("# mine\n")
    assert app.execute(["init"]) == Status.CONFIGURATION
    assert (tmp_path / "pmo.toml").read_text() == "# mine\n"
    assert not (tmp_path / "templates").exists()


def test_demo_does_not_mix_with_other_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    (home / "landing").mkdir(parents=True)
    assert app.execute(["demo", "--home", str(home)]) == Status.CONFIGURATION
    assert "not the demo" in capsys.readouterr().err
    assert [path.name for path in home.iterdir()] == ["landing"]


def test_a_home_without_builds_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute(["builds", "--home", str(tmp_path)]) == Status.DONE
    assert "pmo run" in capsys.readouterr().out
    assert app.execute(["builds", "--home", str(tmp_path), "--json"]) == Status.DONE
    assert json.loads(capsys.readouterr().out) == []
    assert app.execute(["status", "--home", str(tmp_path)]) == Status.DONE
    assert "No build is published yet" in capsys.readouterr().out
    assert app.execute(["quarantine", "--home", str(tmp_path), "--json"]) == Status.DONE
    assert json.loads(capsys.readouterr().out) == []


def test_a_source_that_nobody_knows_is_not_said_to_have_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "pmo.toml"
    config.write_text('[[sources]]\ntype = "files"\nname = "registers"\npath = "drop"\n', encoding="utf-8")
    assert app.execute(["quarantine", "--config", str(config), "--source", "register"]) == Status.CONFIGURATION
    assert "no source is called register (known: registers)" in capsys.readouterr().err
    assert app.execute(["quarantine", "--config", str(config), "--source", "registers"]) == Status.DONE
    assert "No row is in quarantine." in capsys.readouterr().out
    assert app.execute(["quarantine", "--home", str(tmp_path), "--source", "registers"]) == Status.CONFIGURATION


def test_an_unknown_build_is_not_rolled_back_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute(["rollback", "20260101T000000Z-aaaaaa", "--home", str(tmp_path)]) == Status.CONFIGURATION
    assert "No kept build" in capsys.readouterr().err


def test_sample_writes_into_an_empty_folder_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert app.execute(["sample", "--out", str(tmp_path / "full")]) == Status.CONFIGURATION
    assert "not empty" in capsys.readouterr().err
