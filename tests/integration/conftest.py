from pathlib import Path

import pytest

from tests.support.deliveries import Deliveries


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path)
