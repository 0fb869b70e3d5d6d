"""What the mapping is made of: evidence (an assertion, the requirement it shows, the Checkov checks that agree) and
controls of published standards, which rest on evidence. Data only; judging is left to ``assessment``.
"""

from dataclasses import dataclass

from cloudtrail_monitoring.governance.compliance.assertion import Assertion


@dataclass(frozen=True)
class Evidence:
    """One thing that an output shows.

    Args:
        requirement: the requirement's id, such as ``R-TRL-3``.
        claim: what holds, as half a sentence.
        assertion: how it is seen.
        checks: Checkov checks of this project that judge the same.
        is_option: whether the requirement is met without it, since an environment may go without.
    """

    requirement: str
    claim: str
    assertion: Assertion
    checks: tuple[str, ...] = ()
    is_option: bool = False


@dataclass(frozen=True)
class Control:
    """A control, in our own words.

    Args:
        number: as the standard has it.
        asks: what it asks for; a paraphrase, the standard's text is at ``Framework.source``.
        rests_on: without each of these it is not met.
        helped_by: without one of these it is partly met at best.
        left: what remains, and who must do it: such a control is partly met at best, and outside if it rests on
            nothing.
        source: an address of its own, where the standard has one for each control.
    """

    number: str
    asks: str
    rests_on: tuple[Evidence, ...] = ()
    helped_by: tuple[Evidence, ...] = ()
    left: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Framework:
    """A published standard, with the controls that an audit trail has a part in.

    Args:
        scope: what its statuses speak of, and of what not.
        source: where its text is to be had.
    """

    id: str
    name: str
    scope: str
    source: str
    controls: tuple[Control, ...]
