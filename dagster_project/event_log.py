"""Dagster's event log in SQLite, with its connections kept open.

Belongs here: one connection a database file for the life of the process.
Does not: what is logged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool


class KeptOpenEventLog(SqliteEventLogStorage):
    """The stock storage makes a new engine for every event and compiles each statement anew: some 1,500 times a run, a third of its time.

    The lock of the stock storage still lets one thread at a time through, so that one connection a file is enough.
    """

    _engines: dict[str, Engine]
    _tables: set[str]

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """What Dagster calls for `event_log_storage` of dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engines = self.__dict__.setdefault("_engines", {})
            if shard not in engines:
                engines[shard] = create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=StaticPool,
                    connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
                )
                event.listen(engines[shard], "connect", _sync_at_checkpoints)
            if shard not in self._initialized_dbs:
                self._initdb(engines[shard])
                self._initialized_dbs.add(shard)
            with engines[shard].connect() as connection, connection.begin():
                yield connection

    def has_table(self, table_name: str) -> bool:
        """As the stock storage says, which asks the database before each check of an asset; a table that is there stays."""
        known = self.__dict__.setdefault("_tables", set())
        if table_name not in known and super().has_table(table_name):
            known.add(table_name)
        return table_name in known

    def dispose(self) -> None:
        """Close the connections."""
        for engine in self.__dict__.get("_engines", {}).values():
            engine.dispose()
        super().dispose()


def _sync_at_checkpoints(connection: sqlite3.Connection, _: object) -> None:
    """Do not wait for the disk after each event: with a write-ahead log a crash of the machine costs the last events, never the file."""
    connection.execute("pragma synchronous = normal")
