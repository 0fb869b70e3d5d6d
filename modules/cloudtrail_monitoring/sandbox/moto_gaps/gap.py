"""What a bridge over a gap in moto is: what AWS does, what moto does, and the attributes replaced to make up for it.

Which gaps there are stands in the modules beside this one; the embedded AWS bridges them all while it runs.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple


class Replacement(NamedTuple):
    """One attribute of a moto class and what stands in its place while the embedded AWS runs."""

    owner: Any
    name: str
    value: Any


@dataclass(frozen=True)
class Gap:
    """A difference between moto and AWS that a deployment runs into, and how it is bridged."""

    operation: str
    """The AWS operation, such as ``s3:PutBucketLogging``."""
    aws: str
    """What AWS does."""
    moto: str
    """What moto does instead."""
    bridge: Callable[[], Iterable[Replacement]]
    """Makes the replacements; called on entering, so that moto is not imported before it is needed."""


_ABSENT = object()


@contextmanager
def bridged(gaps: Iterable[Gap]) -> Iterator[None]:
    """Bridge the gaps until the block ends, then put moto back as it was, in reverse order."""
    with ExitStack() as undo:
        for gap in gaps:
            for owner, name, value in gap.bridge():
                before = vars(owner).get(name, _ABSENT)
                setattr(owner, name, value)
                undo.callback(_restore, owner, name, before)
        yield


def _restore(owner: Any, name: str, before: Any) -> None:
    if before is _ABSENT:
        delattr(owner, name)
    else:
        setattr(owner, name, before)
