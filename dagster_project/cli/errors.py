"""Errors of the command line: what the user reads, and the exit status.

Belongs here: which error is which exit status.
Does not: the texts; an error carries its own.
"""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The exit statuses of `pmo`."""

    DONE = 0
    OTHER = 1
    CONFIGURATION = 2
    GATE_REFUSED = 3
    SOURCE_FAILED = 4
    LOCKED = 5


class CommandFailed(Exception):
    """A command that ends with a status of its own; what it has to say is printed already, or is the message."""

    def __init__(self, status: Status, message: str = "") -> None:
        super().__init__(message)
        self.status = status


def status_of(error: BaseException) -> tuple[Status, bool]:
    """The exit status of an error, and whether the error is one of ours, whose text is meant for the user.

    The modules that define the errors are heavy; they are imported here, when there is an error and its own module is loaded by then.
    """
    if isinstance(error, CommandFailed):
        return error.status, True
    return next(((status, True) for kind, status in _our_errors() if isinstance(error, kind)), (Status.OTHER, False))


def _our_errors() -> list[tuple[type[Exception], Status]]:
    from dagster_project.dbt_manifest import DbtParseError
    from dagster_project.rebuilding import RebuildFailed
    from ingest.config_problems import ConfigError
    from ingest.events.errors import CannotListen, InboxUnavailable
    from ingest.landing import LandingError
    from ingest.protocol import SourceError
    from reports.builds import BuildDamaged, UnknownBuild
    from reports.explain import UnknownNumber
    from reports.gate import GateRefused
    from reports.lock import LockHeld
    from reports.manifest import ManifestUnreadable
    from reports.publish import PublishFailed
    from reports.rebuild import InputsChanged

    return [
        (ConfigError, Status.CONFIGURATION),
        (UnknownBuild, Status.CONFIGURATION),
        (UnknownNumber, Status.CONFIGURATION),
        (GateRefused, Status.GATE_REFUSED),
        (SourceError, Status.SOURCE_FAILED),
        (LockHeld, Status.LOCKED),
        *((kind, Status.OTHER) for kind in (BuildDamaged, DbtParseError, InputsChanged, LandingError, ManifestUnreadable)),
        *((kind, Status.OTHER) for kind in (PublishFailed, RebuildFailed, CannotListen, InboxUnavailable)),
    ]
