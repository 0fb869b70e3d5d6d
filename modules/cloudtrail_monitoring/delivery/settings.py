"""Settings of the delivery: whose GitHub workflows may plan and deploy an environment, as which roles."""

import re
from typing import Annotated

from pydantic import AfterValidator

from cloudtrail_monitoring.location import RoleName
from cloudtrail_monitoring.validation import Settings, fault, matching

# GitHub's rules for names; "@" and the number stand where the repository's subjects are immutable.
# https://docs.github.com/en/actions/reference/security/oidc
_REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}(@\d+)?/[A-Za-z0-9._-]{1,100}(@\d+)?"
_BRANCH = r"[A-Za-z0-9._/-]{1,200}"
_ENVIRONMENT = r"[A-Za-z0-9._-]{1,255}"


def _both_or_neither(value: str) -> str:
    if value.count("@") == 1:
        raise fault("the numbers of owner and repository stand together, or not at all")
    return value


def role_name_of_ours(value: str) -> str:
    """A role that the delivery makes: its name alone, which ends nowhere at random.

    Raises:
        PydanticCustomError: it has a path or an asterisk.
    """
    if re.search(r"[*/]", value):
        raise fault("the name of a role without path and asterisk is needed: this role is made here")
    return value


class DeliverySettings(Settings):
    """R-DEL-3: GitHub Actions takes a role for minutes, through OpenID Connect, and keeps no key.

    The role that deploys is ``archive.deploy_role_name``, which the archive and the keys know already.
    """

    repository: Annotated[
        str,
        matching(_REPOSITORY, "a GitHub repository such as xyz-corp/cloudtrail-monitoring"),
        AfterValidator(_both_or_neither),
    ]
    """``OWNER/REPOSITORY`` as the tokens' subject has it: ``OWNER@1234/REPOSITORY@5678`` with the numbers of both where
    the repository's subjects are immutable, as they are in repositories made since July 2026.
    https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/"""
    branch: Annotated[str, matching(_BRANCH, "the name of a branch")] = "main"
    """What is merged here is planned, and planned again to find drift; pull requests plan as well."""
    github_environment: Annotated[str, matching(_ENVIRONMENT, "the name of a GitHub environment")] | None = None
    """The one GitHub environment whose jobs deploy, with its reviewers; by default it is named as this environment."""
    plan_role_name: Annotated[RoleName, AfterValidator(role_name_of_ours)] = "cloudtrail-monitoring-plan"
    """The role that reads, for plans and to find drift."""
    existing_oidc_provider: bool = False
    """Whether the account has the identity provider of GitHub already: there is room for one of a URL in an account."""

    @property
    def plan_subjects(self) -> tuple[str, ...]:
        """Subjects of the tokens that may plan.

        >>> DeliverySettings(repository="xyz-corp/monitoring").plan_subjects
        ('repo:xyz-corp/monitoring:pull_request', 'repo:xyz-corp/monitoring:ref:refs/heads/main')
        """
        return (f"repo:{self.repository}:pull_request", f"repo:{self.repository}:ref:refs/heads/{self.branch}")

    def deploy_subject(self, environment: str) -> str:
        """Subject of the tokens that may deploy the environment.

        >>> DeliverySettings(repository="xyz-corp/monitoring").deploy_subject("prod")
        'repo:xyz-corp/monitoring:environment:prod'
        """
        return f"repo:{self.repository}:environment:{self.github_environment or environment}"
