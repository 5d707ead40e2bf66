"""UTF-8: where in a block of bytes the encoding breaks.

Belongs here: the byte patterns of UTF-8.
Does not: what happens to a record with such bytes (`scan.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_LENGTH = np.zeros(256, np.int8)
"""Continuation bytes that follow a lead byte; -1 for a byte that never occurs."""
_LENGTH[0xC0:0xC2] = -1
_LENGTH[0xC2:0xE0] = 1
_LENGTH[0xE0:0xF0] = 2
_LENGTH[0xF0:0xF5] = 3
_LENGTH[0xF5:] = -1

_SECOND_LOW = np.full(256, 0x80, np.uint8)
_SECOND_HIGH = np.full(256, 0xBF, np.uint8)
_SECOND_LOW[0xE0], _SECOND_HIGH[0xED] = 0xA0, 0x9F
_SECOND_LOW[0xF0], _SECOND_HIGH[0xF4] = 0x90, 0x8F
"""Limits of the byte after a lead byte: no overlong forms, no surrogates, nothing above U+10FFFF."""


def invalid_positions(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Positions of bytes that are not text: broken UTF-8, or NUL. Empty for good text, which is the quick case."""
    nul = np.flatnonzero(data == 0)
    if not (data >= 0x80).any() or _decodes(data):
        return nul
    padded = np.concatenate((data, np.zeros(3, np.uint8)))
    is_continuation = (padded & 0xC0) == 0x80
    is_bad = _LENGTH[data] < 0
    is_covered = np.zeros(len(padded), bool)
    leads = np.flatnonzero(_LENGTH[data] > 0)
    second = padded[leads + 1]
    is_bad[leads] |= (second < _SECOND_LOW[data[leads]]) | (second > _SECOND_HIGH[data[leads]])
    for step in (1, 2, 3):
        # What is missing after a lead byte is the lead's fault: the byte that stands there may begin the next record.
        leads = leads[_LENGTH[data[leads]] >= step]
        follows = is_continuation[leads + step]
        is_bad[leads[~follows]] = True
        leads = leads[follows]
        is_covered[leads + step] = True
    is_bad |= (is_continuation & ~is_covered)[: len(data)]
    return np.union1d(nul, np.flatnonzero(is_bad))


def _decodes(data: npt.NDArray[np.uint8]) -> bool:
    try:
        data.tobytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
