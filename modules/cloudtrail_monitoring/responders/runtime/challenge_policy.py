"""What the challenge denies a user: sessions from before it, and everything that no MFA stands behind.

``aws:MultiFactorAuthPresent`` is ``true`` or ``false`` in temporary credentials and absent from calls with access keys.
So ``BoolIfExists … false`` denies the console's sessions without MFA, those of ``GetSessionToken`` and
``GetFederationToken`` without it, and access keys: ``Bool`` would spare the keys, one of which an intruder may have
made meanwhile. Nothing is exempt, least of all enrolling a device. Logging in and ``GetSessionToken`` need no
permission and heed no Deny, which is how the user passes the challenge. ``aws:TokenIssueTime`` is absent from calls
with access keys as well, where ``DateLessThan`` then does not hold: the statement that revokes sessions leaves keys to
the other.

A user's policies do not bind the roles the user has assumed before: those sessions last until they expire. Assuming
another role is a call of the user's, and denied.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
"""

from datetime import datetime

from cloudtrail_monitoring.responders.runtime.containment import Containment
from cloudtrail_monitoring.responders.runtime.user_deny import Denial, stamp

REVOKED_BEFORE = "revoked_before"
"""Among a challenge's details: tokens issued before are denied, and MFA demanded of others; absent, everything is
denied, as of a user who has no MFA device: whoever knows the password could enrol one."""


def challenge(containment: Containment) -> tuple[Denial, ...]:
    """What a challenge denies."""
    before = containment.details.get(REVOKED_BEFORE)
    if not before:
        return (Denial("GeoBlock"),)
    return (
        Denial("RevokeSessions", {"DateLessThan": {"aws:TokenIssueTime": stamp(datetime.fromisoformat(before))}}),
        Denial("DemandMfa", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
    )
