"""Fixtures that tests of several folders share.

Belongs here: what is too dear to be made twice.
Does not: anything of one folder.
"""

from __future__ import annotations

import pytest

from tests.support.command import Workplace, make_workplace


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The tiny company, published by the real command. Read only: copy it to change it.

    Tests that use it belong to the xdist group `published`, so that one worker makes it once.
    """
    workplace = make_workplace(tmp_path_factory.mktemp("published") / "work")
    done = workplace.run()
    assert done.returncode == 0, done.stdout + done.stderr
    return workplace
