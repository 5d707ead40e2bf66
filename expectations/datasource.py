"""Great Expectations on DuckDB: a data source whose queries run inside the warehouse, over one connection that stays open.

Belongs here: the one module that imports Great Expectations at its top (five seconds): import it inside functions only.
Does not: what is expected.
"""

from __future__ import annotations

import builtins
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

# Read by Great Expectations while it is imported: nothing about a run leaves the machine.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from sqlalchemy import Connection, Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import NoSuchTableError

NAME = "warehouse"
SCHEMA = "reports"


class KnownColumns(Inspector):
    """An inspector that has looked up the columns of all published tables at once, and asks for no primary key: there are none."""

    def __init__(self, inspector: Inspector) -> None:
        """Take over the engine of `inspector` and look."""
        self.__dict__.update(vars(inspector))
        self._columns = inspector.get_multi_columns(schema=SCHEMA, kind=ObjectKind.ANY)

    def get_columns(self, table_name: str, schema: str | None = None, **_: object) -> list[ReflectedColumn]:
        """Columns of a published table.

        Raises:
            NoSuchTableError: it is not there.
        """
        if (schema, table_name) not in self._columns:
            raise NoSuchTableError(table_name)
        return self._columns[schema, table_name]

    def get_pk_constraint(self, table_name: str, schema: str | None = None, **_: object) -> ReflectedPrimaryKeyConstraint:
        """None: the key of a published table is in the contract, not in the database."""
        return {"constrained_columns": [], "name": None}


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """The SQL engine with one connection for all queries.

    The stock engine closes the connection before it fetches; DuckDB's result goes with it, and every expectation fails with
    `list index out of range`.
    """

    _known: KnownColumns | None = None

    @contextmanager
    def get_connection(self) -> Iterator[Connection]:
        """The connection, opened at the first call."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def get_inspector(self) -> Inspector:
        """One for all tables: the stock engine makes one for each, which looks up its columns in 60 ms."""
        if self._known is None:
            self._known = KnownColumns(super().get_inspector())
        return self._known

    def close(self) -> None:
        """Close the connection: DuckDB lets nobody else write to the file before that."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.engine.dispose()


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file as data source."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine that keeps its connection."""
        return DuckDBExecutionEngine


@contextmanager
def open_warehouse(warehouse: Path) -> Iterator[DuckDBDatasource]:
    """The warehouse as data source of a context that lives in memory and writes nothing."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    assert isinstance(context, EphemeralDataContext)  # noqa: S101 - what mode="ephemeral" promises, for the type checker
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    sources: Any = context.data_sources
    source: DuckDBDatasource = sources.add_duckdb(
        NAME, connection_string=f"duckdb:///{warehouse}", create_temp_table=False, kwargs={"connect_args": {"read_only": True}}
    )
    engine = source.get_execution_engine()
    try:
        with warnings.catch_warnings():
            # duckdb-engine names no SQLAlchemy type for a list; nothing is expected of the inside of one.
            warnings.filterwarnings("ignore", message="Did not recognize type 'list'")
            # The schema of a table; one for the whole connection, as the warning asks for, DuckDB's driver cannot be given.
            warnings.filterwarnings("ignore", message="`schema_name` is deprecated", category=DeprecationWarning)
            yield source
    finally:
        engine.close()
        source.get_engine().dispose()
