"""What the tests of investigations share: a bench, a new one for each test."""

from collections.abc import Iterator

import pytest

from tests.responders.investigation.desk_samples import Bench, begin


@pytest.fixture
def bench() -> Iterator[Bench]:
    with begin() as made:
        yield made
