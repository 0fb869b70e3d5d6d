"""What a rule of this folder is made of. Data only, without Checkov; the rules stand in the ``ctm_rules_*`` files."""

from dataclasses import dataclass

AWS_DOCS = "https://docs.aws.amazon.com"
TERRAFORM_DOCS = "https://developer.hashicorp.com/terraform"

TRAIL = "trail"
"""The stack has a trail."""
ARCHIVE = "archive"
"""The stack has a trail and the bucket it delivers to."""
LOG_GROUP = "log group"
"""The stack has a trail and the log group it delivers to."""
DETECTIONS = "detections"
"""The stack has a trail, its log group, and metric filters on it."""


@dataclass(frozen=True)
class Rule:
    """One check: its id, the requirement it proves, what holds when it passes, why, and how to make it hold."""

    id: str
    requirement: str
    title: str
    why: str
    """What goes wrong where it does not hold."""
    remedy: str
    source: str
    judged_with: str | None = None
    """What a stack has when this rule must have judged something in it; None for a rule about an option."""

    @property
    def name(self) -> str:
        """What Checkov prints beside the id."""
        return f"{self.requirement}: {self.title}"

    @property
    def guideline(self) -> str:
        """What Checkov prints to explain a failure: why it matters, what to write, and where to read on."""
        return f"{self.why} {self.remedy} ({self.requirement}; {self.source})"
