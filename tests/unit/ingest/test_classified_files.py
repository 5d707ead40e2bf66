"""Classified columns of files: hashed or dropped before anything lands, in every place where a value could stand."""

from __future__ import annotations

import hashlib

import pytest

from ingest.config import EntityMapping, FilesSourceConfig
from ingest.sources.files.source import FilesSource
from tests.support.deliveries import Deliveries
from tests.unit.ingest.test_forgetting import words_in

CANARIES = ("zoe-kanari", "Zoë Kanari", "zoe@kanari.example")


class Classified(Deliveries):
    classified: dict[str, str]

    @property
    def source(self) -> FilesSource:
        config = {"type": "files", "name": "registers", "path": self.folder, "classified_fields": self.classified}
        return FilesSource(FilesSourceConfig.model_validate(config).model_copy(update={"entities": self.mappings}))

    def hashed(self, text: str) -> str:
        salt = (self.base / "home" / "state" / "salt").read_text(encoding="utf-8").strip()
        return hashlib.sha256((salt + text).encode()).hexdigest()[:32]

    def holding(self) -> list[str]:
        """Files of the home in which a classified value stands."""
        files = [path for path in (self.base / "home").rglob("*") if path.is_file()]
        found = []
        for path in files:
            text = path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                text = str(self.rows(str(path)))
            found += [path.name for word in CANARIES if word in text]
        return found + [path.name for path in files if words_in(path)]

    def rows(self, path: str) -> list[tuple[object, ...]]:
        return self.warehouse().execute(f"select * from read_parquet('{path}')").fetchall()


@pytest.fixture
def classified(tmp_path_factory: pytest.TempPathFactory) -> Classified:
    deliveries = Classified(tmp_path_factory.mktemp("classified"))
    deliveries.classified = {
        "timesheet_entries.person": "hash",
        "timesheet_entries.note": "drop",
        "identities.source_user_id": "hash",
        "people.email": "drop",
        "people.name": "hash",
    }
    return deliveries


def test_values_are_treated_and_keys_still_meet(classified: Classified) -> None:
    classified.drop("people.csv", "person_id,name,email\nP1,Zoë Kanari,zoe@kanari.example\nP2,,\n")
    classified.drop("identities.csv", "source,source_user_id,person_id\nregisters,zoe-kanari,P1\n")
    classified.run_alone(
        "timesheet_entries.csv",
        "entry_id,person,project_id,work_date,hours,note,place\n"
        "1,zoe-kanari,P,2026-03-02,8,with Zoë Kanari,Bonn\n"
        "2,zoe-kanari,P,2026-03-02,80,with Zoë Kanari,Bonn\n"
        "3,zoe-kanari,P\n"
        "4,=zoe-kanari(1),P,2026-03-02,8,,Bonn\n"
        "1,zoe-kanari,P,2026-03-02,8,with Zoë Kanari,Bonn\n",
    )
    assert classified.holding() == []
    (entry,) = classified.accepted("timesheet_entries")
    (identity,) = classified.accepted("identities")
    named, unnamed = classified.accepted("people")
    user = classified.hashed("zoe-kanari")
    assert (entry["person"], entry["note"], entry["payload"]) == (user, None, '{"place":"Bonn"}')
    assert (identity["source_user_id"], identity["_record_id"].split("\x1f")[1]) == (user, user)
    assert (named["name"], named["email"]) == (classified.hashed("Zoë Kanari"), None)
    assert (unnamed["name"], unnamed["email"]) == (None, None)
    assert [row[0] for row in classified.bad()] == [3, 4, 5]


def test_a_mapped_file_shows_none_of_the_columns_that_feed_a_classified_one(classified: Classified) -> None:
    columns = {"entry_id": "id", "person": "lower(who)", "project_id": "'P'", "work_date": "day", "hours": "h", "note": "t"}
    classified.mappings["timesheet_entries"] = EntityMapping(files="log*.csv", columns=columns)
    classified.mappings["people"] = EntityMapping(files="log*.csv", columns={"person_id": "'X' || id"})
    classified.run_alone("log.csv", "id,who,day,h,t\n1,Zoe-Kanari,2026-03-02,8,Zoë Kanari\n2,Zoe-Kanari,2026-03-02,x,Zoë Kanari\n")
    assert classified.holding() == []
    (entry,) = classified.accepted("timesheet_entries")
    assert (entry["person"], entry["payload"]) == (classified.hashed("zoe-kanari"), '{"id":"1","day":"2026-03-02","h":"8"}')
    assert all("who" not in row["payload"] for row in classified.accepted("people"))


def test_the_same_file_twice_changes_nothing_and_is_not_kept(classified: Classified) -> None:
    classified.run_alone("people.csv", "person_id,name\nP1,Zoë Kanari\n")
    assert classified.run().loads == []
    assert [name for name in classified.files_of_landing() if "_files" in name] == []


@pytest.mark.parametrize(
    ("field", "treatment", "message"),
    [
        ("people.mail", "hash", "the contract has no such column"),
        ("email", "hash", "the contract has no such column"),
        ("timesheet_entries.hours", "hash", "only texts can be classified"),
        ("timesheet_entries.person", "drop", "it can be hashed and not dropped"),
        ("timesheet_entries.project_id", "drop", "it can be hashed and not dropped"),
    ],
)
def test_what_cannot_be_classified_is_refused(field: str, treatment: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FilesSourceConfig.model_validate({"type": "files", "name": "a", "path": "a", "classified_fields": {field: treatment}})
