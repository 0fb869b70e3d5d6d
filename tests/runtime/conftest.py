"""What the tests of the responders share: an account of an emulated AWS, a new one for each test."""

from collections.abc import Iterator

import pytest

from tests.runtime.account import Account, begin


@pytest.fixture
def account() -> Iterator[Account]:
    with begin() as made:
        yield made
