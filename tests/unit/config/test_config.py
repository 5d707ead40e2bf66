"""The configuration: what is read, what is refused, and that each refusal names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import load_settings
from ingest.config_problems import ConfigError

GOOD = """\
home = "state"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
calendar_id = "standard"

[publish]
keep_builds = 5

[schedule]
cron = "30 1 * * 1-5"

[[sources]]
type = "files"
name = "registers"
path = "data/registers"

[[sources]]
type = "files"
name = "lab-timesheets"
path = "exports"
[sources.entities.timesheet_entries]
files = "time_log_*.csv"
columns = { entry_id = "id", person = "who", project_id = "'LAB-' || key", work_date = "start::date", hours = "minutes::double / 60" }
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "pmo.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as caught:
        load_settings(write(folder, text))
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_a_good_configuration_is_read_with_paths_relative_to_its_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, GOOD))
    assert settings.home == tmp_path / "state"
    assert settings.publish.keep_builds == 5
    assert settings.schedule_time_zone == "Europe/Berlin"
    assert [source.name for source in settings.sources] == ["registers", "lab-timesheets"]
    assert settings.sources[0].path == tmp_path / "data" / "registers"
    assert settings.sources[1].entities["timesheet_entries"].columns["hours"] == "minutes::double / 60"


def test_an_empty_configuration_has_defaults(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""))
    assert settings.home == tmp_path / ".pmo"
    assert (settings.reporting_currency, settings.time_zone, settings.publish.keep_builds) == ("EUR", "UTC", 30)


def test_home_of_the_command_line_wins(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, GOOD), home=tmp_path / "other").home == tmp_path / "other"


def test_the_configuration_inside_a_named_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("PMO_CONFIG", raising=False)
    write(tmp_path, 'home = "."\n')
    assert load_settings(home=tmp_path).config_file == tmp_path / "pmo.toml"


def test_pmo_config_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMO_CONFIG", str(write(tmp_path, GOOD)))
    assert load_settings().config_file == tmp_path / "pmo.toml"


def test_no_configuration_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PMO_CONFIG", raising=False)
    with pytest.raises(ConfigError, match="pmo init"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('home = "x"\nreporting_curency = "EUR"\n', 2, "did you mean `reporting_currency`"),
        ("\n\n[publish]\nkeep_build = 3\n", 4, "did you mean `keep_builds`"),
        ("[publish]\n# how many\nkeep_builds = '30'\n", 3, "`publish.keep_builds`"),
        ("[publish]\nkeep_builds = 0\n", 2, "`publish.keep_builds`"),
        ('time_zone = "Mars/Olympus"\n', 1, "no IANA time zone"),
        ('reporting_currency = "euro"\n', 1, "`reporting_currency`"),
        ('[schedule]\ncron = "61 2 * * *"\n', 2, "not within 0-59"),
        ('[schedule]\ncron = "every day"\n', 2, "five fields"),
        ('[[sources]]\nname = "a"\n', 1, "`type` is missing"),
        ('[[sources]]\ntype = "files"\nname = "a"\n', 1, "`path` is missing"),
        ('[[sources]]\ntype = "files"\nname = "../up"\npath = "x"\n', 3, "`name`"),
        ('[[sources]]\ntype = "files"\nname = "a"\npath = "x"\noptional = "yes"\n', 5, "`optional`"),
        ('[[sources]]\ntype = "jirra"\nname = "j"\n', 2, "unknown"),
        ("[events]\nport = 70000\n", 2, "`events.port`"),
        ('home = "x\n', 1, "not TOML"),
    ],
)
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    problems = refusal(tmp_path, text)
    assert [found for found, _ in problems] == [line]
    assert words in problems[0][1]


def test_mistakes_in_a_mapping_name_entity_and_column(tmp_path: Path) -> None:
    text = GOOD.replace("entry_id = ", "entryid = ") + '\n[sources.entities.timesheet]\ncolumns = { a = "b" }\n'
    problems = refusal(tmp_path, text)
    assert [line for line, _ in problems] == [23, 25]
    assert "did you mean `entry_id`" in problems[0][1]
    assert "timesheet" in problems[1][1]


def test_an_unknown_key_of_a_mapping_is_refused(tmp_path: Path) -> None:
    problems = refusal(tmp_path, GOOD.replace("files = ", "file = "))
    assert problems == [(22, "unknown key `entities.timesheet_entries.file`; did you mean `files`?")]


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    problems = refusal(tmp_path, GOOD.replace('"lab-timesheets"', '"registers"'))
    assert problems[0][0] == 19
    assert "is taken" in problems[0][1]


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    problems = refusal(tmp_path, 'reporting_currency = "x"\n[publish]\nkeep = 1\n[[sources]]\ntype = "files"\npath = 3\n')
    assert [line for line, _ in problems] == [1, 3, 4, 6]


def test_a_key_after_a_value_over_several_lines_has_its_own_line(tmp_path: Path) -> None:
    source = '[[sources]]\ntype = "files"\nname = "a"\npath = "x"\n'
    text = source + '[sources.entities.risks]\nfiles = [\n  "a*.csv",  # ]\n  "b*.csv",\n]\nfoo = 1\n'
    assert [line for line, _ in refusal(tmp_path, text)] == [10]


def test_a_secret_written_out_is_refused_and_not_repeated(tmp_path: Path) -> None:
    problems = refusal(tmp_path, '[[sources]]\ntype = "files"\nname = "a"\npath = "x"\ntoken = "canary-1234"\n')
    assert [line for line, _ in problems] == [5]
    assert "never written here" in problems[0][1]
    assert "canary" not in problems[0][1]


def test_a_missing_secret_is_refused_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PMO_TEST_TOKEN", raising=False)
    problems = refusal(tmp_path, '[[sources]]\ntype = "jira"\nname = "j"\ntoken = { env = "PMO_TEST_TOKEN" }\n')
    assert (4, "`token`: the environment variable PMO_TEST_TOKEN is not set") in problems


def test_a_secret_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("canary-1234")
    secret.chmod(0o644)
    problems = refusal(tmp_path, '[[sources]]\ntype = "jira"\nname = "j"\ntoken = { file = "token" }\n')
    assert any("chmod 600" in message for _, message in problems)
    assert all("canary" not in message for _, message in problems)


@pytest.mark.parametrize(
    ("address", "is_refused"), [("http://example.com", True), ("http://127.0.0.1:8080", False), ("https://example.com", False)]
)
def test_plain_http_is_for_loopback_only(tmp_path: Path, address: str, is_refused: bool) -> None:
    problems = refusal(tmp_path, f'[[sources]]\ntype = "jira"\nname = "j"\nbase_url = "{address}"\n')
    assert any("https://" in message for _, message in problems) is is_refused


def test_presets_are_known_by_their_name_and_entity(tmp_path: Path) -> None:
    source = '[[sources]]\ntype = "files"\nname = "sap"\npath = "sap"\n'
    settings = load_settings(write(tmp_path, source + '[sources.entities.cost_transactions]\npreset = "sap-line-items"\n'))
    assert settings.sources[0].entities["cost_transactions"].preset == "sap-line-items"
    wrong = (
        source + '[sources.entities.cost_transactions]\npreset = "sap-line-item"\n[sources.entities.budgets]\npreset = "sap-commitments"\n'
    )
    assert refusal(tmp_path, wrong) == [
        (6, "`entities.cost_transactions.preset`: there is no preset `sap-line-item`; did you mean `sap-line-items`?"),
        (8, "`entities.budgets.preset`: `sap-commitments` feeds cost_transactions, write it under `entities.cost_transactions`"),
    ]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ('encoding = "cp-nothing"', "`entities.budgets.encoding`: 'cp-nothing' is no text encoding (as cp1252)"),
        ('delimiter = "ab"', "`entities.budgets.delimiter`: a delimiter is one character"),
        ("snapshot = true", "`entities.budgets.snapshot`: only cost_transactions can be delivered as snapshots"),
        ('set_aside = { nonsense = "true" }', "`entities.budgets.set_aside.nonsense"),
    ],
)
def test_a_wrong_key_of_a_mapping_is_refused_with_its_line(tmp_path: Path, key: str, message: str) -> None:
    source = '[[sources]]\ntype = "files"\nname = "a"\npath = "a"\n[sources.entities.budgets]\n'
    found = refusal(tmp_path, source + key + "\n")
    assert found and all(line == 6 and text.startswith(message) for line, text in found)


def test_the_example_for_sap_can_be_used() -> None:
    settings = load_settings(Path(__file__).parents[3] / "docs" / "examples" / "sap.toml")
    assert [source.name for source in settings.sources] == ["registers", "sap", "sap-open"]


def test_a_tempo_that_names_no_source_is_refused(tmp_path: Path) -> None:
    tempo = '[[sources]]\ntype = "tempo"\nname = "hours"\ntoken = { env = "PMO_TEST_SECRET" }\njira = "jira-mian"\n'
    jira = '[[sources]]\ntype = "files"\nname = "jira-main"\npath = "a"\n'
    assert (5, "`jira`: no source is called jira-mian (configured beside: jira-main)") in refusal(tmp_path, tempo + jira)
