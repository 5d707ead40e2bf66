"""Files that are broken, or meant to break us: a clear word or a quarantined row each, and nothing half done."""

from __future__ import annotations

import errno
import gzip
import io
import os
import resource
import signal
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.landing import LandingError
from ingest.quarantine import Reason
from ingest.sources.files import readers, workbook
from tests.support.deliveries import PROJECTS, Deliveries, parquet

GOOD = PROJECTS + "P1,A,active,EUR\n"


def rejection(deliveries: Deliveries, file: str, content: bytes) -> str:
    """Why a file was rejected; a good one beside it goes on, and nothing of the bad one stays."""
    deliveries.drop("teams.csv", "team_id,name\nT1,x\n")
    result = deliveries.run_alone(file, content)
    assert [load.stream for load in result.loads] == ["teams"]
    (rejected,) = result.rejected
    what, remedy, effect = rejected.reason.split("\n")
    assert what.startswith("registers/")
    assert remedy
    assert effect == "Nothing of this file was loaded; the published build is unchanged."
    assert not [name for name in deliveries.files_of_landing() if file in name or ".tmp-" in name]
    return what


def xlsx(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


WORKBOOK = b'<workbook><sheets><sheet name="projects" sheetId="1" r:id="rId1"/></sheets></workbook>'


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        pytest.param("projects.parquet", b"PAR1 and then nothing", "it is not a whole Parquet file", id="parquet-magic-only"),
        pytest.param("projects.parquet", parquet({"project_id": ["P1"]})[:-20], "it is not a whole Parquet file", id="parquet-cut"),
        pytest.param("projects.parquet", b"", "it is not a whole Parquet file", id="parquet-empty"),
        pytest.param("projects.xlsx", b"project_id,name\n", "it is not an XLSX workbook", id="xlsx-of-text"),
        pytest.param("pmo.xlsx", b"PK\x03\x04 no zip", "it is not an XLSX workbook", id="xlsx-magic-only"),
        pytest.param("projects.xlsx", xlsx({"hello.txt": b"x"}), "it cannot be opened as an XLSX workbook", id="xlsx-of-other-files"),
        pytest.param("projects.csv", b"", "there is no header row", id="csv-empty"),
        pytest.param("projects.csv", b"\xff\xfep\x00r\x00", "the file is UTF-16", id="csv-utf-16"),
        pytest.param("projects.csv.gz", gzip.compress(GOOD.encode())[:-12], "it is not a whole gzip file", id="gzip-cut"),
        pytest.param("projects.csv.gz", GOOD.encode(), "it is not a whole gzip file", id="gzip-of-text"),
        pytest.param("projects.ndjson", b"[\n1,\n2]\n" * 2000, "most of its lines are no JSON objects", id="ndjson-of-lists"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(deliveries: Deliveries, file: str, content: bytes, words: str) -> None:
    assert words in rejection(deliveries, file, content)


def test_a_gzip_bomb_stops_at_the_limit(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "RATIO_FREE_BYTES", 1 << 20)
    bomb = gzip.compress(GOOD.encode() + b"P2,B,active,EUR\n" * 2_000_000)
    assert "as a zip bomb does" in rejection(deliveries, "projects.csv.gz", bomb)


def test_a_workbook_that_is_a_zip_bomb(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "RATIO_FREE_BYTES", 1 << 20)
    bomb = xlsx({"xl/workbook.xml": WORKBOOK, "xl/worksheets/sheet1.xml": b" " * (40 << 20)})
    assert "as a zip bomb does" in rejection(deliveries, "projects.xlsx", bomb)


def test_a_zip_bomb_whose_directory_lies_about_its_size(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "RATIO_FREE_BYTES", 1 << 20)
    bomb = bytearray(xlsx({"xl/workbook.xml": WORKBOOK, "xl/worksheets/sheet1.xml": b" " * (40 << 20)}))
    entry = bomb.rindex(b"PK\x01\x02")
    bomb[entry + 24 : entry + 28] = struct.pack("<I", 100)
    assert "as a zip bomb does" in rejection(deliveries, "projects.xlsx", bytes(bomb))


def test_a_workbook_of_too_many_members(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MEMBER_LIMIT", 10)
    many = xlsx({"xl/workbook.xml": WORKBOOK, **{f"{number}.xml": b"" for number in range(20)}})
    assert "21 members" in rejection(deliveries, "projects.xlsx", many)


def test_a_sheet_whose_only_cell_is_the_farthest(deliveries: Deliveries) -> None:
    sheet = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    content = xlsx({"xl/workbook.xml": WORKBOOK, "xl/worksheets/sheet1.xml": sheet})
    assert "row 1,048,576 and column 16,384" in rejection(deliveries, "projects.xlsx", content)


def test_a_parquet_file_that_says_one_value_a_billion_times(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "ROWS_FREE", 1000)
    monkeypatch.setattr(readers, "ROWS_PER_BYTE_LIMIT", 50)
    content = io.BytesIO()
    pq.write_table(pa.table({"project_id": pa.array(["P1"] * 2_000_000).dictionary_encode()}), content)
    assert "as a zip bomb does" in rejection(deliveries, "projects.parquet", content.getvalue())


def test_links_and_patterns_that_leave_the_folder(deliveries: Deliveries) -> None:
    outside = deliveries.base / "secret.csv"
    outside.write_text(GOOD)
    (deliveries.folder / "projects.csv").symlink_to(outside)
    (deliveries.folder / "projects_2.csv").symlink_to(deliveries.folder / "nothing.csv")
    (deliveries.folder / "people").symlink_to(deliveries.base)
    (deliveries.folder / "data.csv").write_text(GOOD)
    (deliveries.folder / "projects_3.csv").symlink_to("data.csv")
    deliveries.map("teams", {}, files=["../*.csv", "/etc/*.csv"])
    result = deliveries.run()
    reasons = {item.file: item.reason.split("\n")[0] for item in result.rejected}
    assert reasons["projects.csv"] == "registers/projects.csv: it is a link that leaves the source's folder."
    assert reasons["projects_2.csv"] == "registers/projects_2.csv: it cannot be read (No such file or directory)."
    assert reasons["../*.csv"] == "registers/../*.csv: the pattern leaves the source's folder."
    assert reasons["/etc/*.csv"] == "registers//etc/*.csv: the pattern leaves the source's folder."
    assert "secret" not in str(result.loads)
    assert [load.file for load in result.loads] == ["projects_3.csv"]


def test_a_pipe_is_not_waited_for(deliveries: Deliveries) -> None:
    os.mkfifo(deliveries.folder / "projects.csv")
    (rejected,) = deliveries.run().rejected
    assert "it is no regular file" in rejected.reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(deliveries: Deliveries) -> None:
    deliveries.drop("projects.csv", GOOD).chmod(0)
    (rejected,) = deliveries.run().rejected
    assert "it cannot be read (Permission denied)" in rejected.reason


def test_a_file_that_fails_while_it_is_read(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    deliveries.drop("teams.csv", "team_id,name\nT1,x\n")
    broken = deliveries.drop("projects.csv", GOOD)
    original = Path.open

    def failing(self: Path, *arguments: object, **options: object) -> object:
        if self == broken:
            raise OSError(errno.EIO, "Input/output error")
        return original(self, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", failing)
    result = deliveries.run()
    assert [load.stream for load in result.loads] == ["teams"]
    assert "it cannot be read (Input/output error)" in result.rejected[0].reason


def test_formula_cells_are_quarantined_and_good_rows_go_on(deliveries: Deliveries) -> None:
    content = PROJECTS + "P1,=cmd|'/c calc'!A0,active,EUR\n" + '"=HYPERLINK(""http://x"")",B,active,EUR\nP3,C,active,EUR\n'
    deliveries.run_alone("projects.csv", content)
    assert [(line, column, reason) for line, column, _, reason in deliveries.bad()] == [
        (2, "name", Reason.FORMULA_CELL),
        (3, "project_id", Reason.FORMULA_CELL),
    ]
    assert [row["project_id"] for row in deliveries.accepted("projects")] == ["P3"]


def test_a_name_with_quotes_is_only_a_name(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects '; drop table rows; --.csv", 'project_id,name,status,currency,"x""y\'z"\nP1,A,active,EUR,1\n')
    assert deliveries.accepted("projects")[0]["payload"] == '{"x\\"y\'z":"1"}'


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
def test_a_full_disk_is_a_clear_error_and_leaves_nothing(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    deliveries.drop("projects.csv", GOOD)

    def full(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    targets = {"write": "ingest.durable.pq.ParquetWriter", "fsync": "os.fsync", "rename": "ingest.durable.rename"}
    with monkeypatch.context() as patched:
        patched.setattr(targets[step], full)
        with pytest.raises(LandingError) as error:
            deliveries.run()
    assert "No space left on device" in str(error.value)
    assert "Make room on that disk" in str(error.value)
    assert deliveries.landing.select() == []
    assert not [name for name in deliveries.files_of_landing() if name.endswith(".parquet") or ".tmp-" in name]
    deliveries.run()
    assert [row["project_id"] for row in deliveries.accepted("projects")] == ["P1"]


LINE_BYTES = 512 << 20
RUN = """
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from ingest.config import FilesSourceConfig
from ingest.landing import Landing, LandingError
from ingest.sources.files.source import FilesSource
base = Path(sys.argv[1])
try:
    result = FilesSource(FilesSourceConfig(type="files", name="registers", path=base / "drop")).ingest(
        Landing(base / "home"), sys.argv[2], datetime.now(UTC))
    counts = [(load.rows_read, load.rows_accepted, load.rows_quarantined) for load in result.loads]
    print(counts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)
except LandingError as error:
    print(error)
    sys.exit(9)
"""


def run_apart(deliveries: Deliveries, run_id: str, *, file_bytes: int = resource.RLIM_INFINITY) -> tuple[int, str]:
    """Ingest in a process of its own, which may write files of `file_bytes` at most; its exit status and what it said."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    command = [sys.executable, "-c", RUN, str(deliveries.base), run_id]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False, env={**os.environ, "PYTHONPATH": root})
    return done.returncode, done.stdout + done.stderr


def test_a_disk_that_really_takes_no_more(deliveries: Deliveries) -> None:
    """The operating system refuses the write that a full disk would; then there is room, and the next run needs no repair."""
    deliveries.drop("projects.csv", PROJECTS + "".join(f"P{number},{'x' * 200},active,EUR\n" for number in range(2000)))
    status, said = run_apart(deliveries, "run-1", file_bytes=100_000)
    assert (status, "cannot be written: " in said) == (9, True), said
    assert deliveries.files_of_landing() == []
    status, said = run_apart(deliveries, "run-2")
    assert (status, said.rpartition(" ")[0]) == (0, "[(2000, 2000, 0)]"), said


def test_a_line_of_half_a_gigabyte_is_never_in_memory(deliveries: Deliveries) -> None:
    """A hole in a sparse file reads as zeros without a line break. That two gigabytes take no more is in the scanner's own test."""
    path = deliveries.drop("projects.csv", GOOD + "P2,B,active,EUR\n")
    status, said = run_apart(deliveries, "run-1")
    assert status == 0, said
    usual = int(said.rpartition(" ")[2])
    with path.open("w+b") as file:
        file.write(GOOD.encode() + b"P2,")
        file.seek(LINE_BYTES)
        file.write(b"\nP3,C,active,EUR\n")
    status, said = run_apart(deliveries, "run-2")
    counts, _, peak = said.rpartition(" ")
    assert (status, counts) == (0, "[(3, 2, 1)]"), said
    assert int(peak) < usual + LINE_BYTES // 4
    assert [(line, reason) for line, _, _, reason in deliveries.bad()] == [(3, Reason.LINE_TOO_LONG)]
    assert [row["_line"] for row in deliveries.accepted("projects")] == [2, 3, 2, 4]


def test_too_little_memory_is_said_in_words(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    deliveries.drop("projects.csv", GOOD + "".join(f"P{number}x,{'x' * 500},active,EUR\n" for number in range(40_000)))
    monkeypatch.setattr(readers, "MEMORY_LIMIT", "1MB")
    with pytest.raises(LandingError, match=r"registers/projects\.csv: needs more than there is"):
        deliveries.run()
    assert deliveries.files_of_landing() == []
