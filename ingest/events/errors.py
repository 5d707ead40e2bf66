"""What can go wrong with events as a whole.

Belongs here: the typed errors.
Does not: the refusal of one delivery (`receiver.py`).
"""

from __future__ import annotations


class InboxUnavailable(Exception):
    """The inbox cannot make anything durable now: a full disk, missing rights, a damaged file. Nothing of the delivery was kept."""


class CannotListen(Exception):
    """The address cannot be bound, or the inbox cannot be opened; nothing was served."""
