"""The verdict of a review, kept beside the plan file and bound to it by its SHA-256.

``write`` after the review, ``check`` before the plan is applied. Standard library only: where plans are applied nothing
is installed.

    scripts/verdict.py write build/plans/prod.tfplan needs-approval
    scripts/verdict.py write build/plans/prod.tfplan approved ID ID
    scripts/verdict.py check build/plans/prod.tfplan
"""

import hashlib
import json
import sys
from pathlib import Path

ACCEPTED = ("safe", "approved")
OUTCOMES = (*ACCEPTED, "needs-approval")


class Refused(Exception):
    """The plan may not be applied; ``str()`` is one line."""


def verdict_file(plan: Path) -> Path:
    return plan.with_suffix(".verdict")


def write(plan: Path, status: str, approved: list[str]) -> None:
    """Write the verdict on a plan: one of ``OUTCOMES``, and the ids that were approved."""
    if status not in OUTCOMES:
        raise Refused(f"{status} is no verdict; one of {', '.join(OUTCOMES)} is")
    verdict = {"plan_sha256": digest(plan), "status": status, "approved": approved}
    part = plan.with_suffix(".verdict.part")
    part.write_text(json.dumps(verdict, indent=2) + "\n", encoding="utf-8")
    part.chmod(0o600)
    part.replace(verdict_file(plan))


def check(plan: Path) -> str:
    """The status of the verdict on a plan.

    Raises:
        Refused: if there is none, it is on another plan, or the plan needs approval.
    """
    name = plan.stem
    try:
        verdict = json.loads(verdict_file(plan).read_text(encoding="utf-8"))
        reviewed, status = verdict["plan_sha256"], verdict["status"]
    except FileNotFoundError:
        raise Refused(f"nobody has reviewed the plan of {name}; make review ENV={name}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"{verdict_file(plan)} can't be read; make review ENV={name}") from None
    if reviewed != digest(plan):
        raise Refused(f"the review of {name} was of another plan; make review ENV={name}")
    if status not in ACCEPTED:
        raise Refused(f"the plan of {name} weakens what is not approved; {plan.with_suffix('.md')} says what")
    return str(status)


def digest(plan: Path) -> str:
    try:
        return hashlib.sha256(plan.read_bytes()).hexdigest()
    except OSError as error:
        raise Refused(f"{plan} can't be read: {error.strerror}") from None


def main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["write", plan, status, *approved]:
                write(Path(plan), status, approved)
            case ["check", plan]:
                check(Path(plan))
            case _:
                raise Refused("usage: verdict.py write PLAN STATUS [ID…], or verdict.py check PLAN")
    except Refused as refusal:
        print(f"verdict: {refusal}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
