"""What a runbook page asks first and what to do then, by kind of detection; ``runbook`` puts the pages together.

A table: the first guide one of whose beginnings starts the detection's id, or else its requirement, is the page's.
"""

from typing import NamedTuple


class Guide(NamedTuple):
    """The questions and the remedy of detections whose id or requirement begins with one of ``beginnings``."""

    beginnings: tuple[str, ...]
    questions: tuple[str, str, str]
    """The first three to answer, in this order."""
    remedy: str
    """What to do if it was not meant; goes on after a colon."""


GUIDES = (
    Guide(
        ("cis-unauthorized-api-calls",),
        (
            "Is it one identity, and is it a person, a pipeline or a scanner?",
            "Which calls were refused? Listing and `sts` calls from a new address look like somebody trying out a key.",
            "Did the same identity succeed with anything in the hour around it?",
        ),
        "deactivate the key, or revoke the role's sessions, before looking further: what was refused is harmless, what"
        " was not refused isn't. A pipeline that lacks a right is repaired; a scanner is excluded on the tuned twin.",
    ),
    Guide(
        ("cis-login-without-mfa",),
        (
            "Which user is it, and should it exist? People should come through SSO.",
            "From where, and has this user logged in from there before?",
            "What did the session do?",
        ),
        "deactivate the password and keys first, and ask the user by phone. Otherwise have an MFA device enrolled, and"
        " demand it by policy.",
    ),
    Guide(
        ("cis-console-authentication-failures",),
        (
            "One user and many addresses, one address and many users, or one of each?",
            "Did a login succeed afterwards, and with MFA?",
            "Are the addresses ours, a VPN's, or a hosting provider's?",
        ),
        "if a guess succeeded, deactivate the password and keys, then read everything the user did since. A user name"
        " that reads `HIDDEN_DUE_TO_SECURITY_REASONS` does not exist: count by address.",
    ),
    Guide(
        ("role-assumed-from-another-account", "R-INT-3"),
        (
            "Which account is it, and do we know its owner?",
            "Which role or resource was reached, and which policy lets that account in?",
            "What did the session do afterwards?",
        ),
        "take the account out of the trust or resource policy, and revoke the role's active sessions.",
    ),
    Guide(
        ("console-login", "session-token-issued", "role-assumed"),
        (
            "Is the count unusual for this hour and weekday?",
            "Who, and from which address: one that this identity has used before?",
            "What did the session do, by its `accessKeyId`?",
        ),
        "revoke the sessions of the user or role (a Deny on `aws:TokenIssueTime`), deactivate the password or key that"
        " was used, and read everything the session did.",
    ),
    Guide(
        ("cis-security-group-change", "cis-network-acl-change"),
        (
            "Which ports are open to which addresses now? `0.0.0.0/0` and `::/0` are the ones to look for.",
            "Who did it, and does a pipeline run or a ticket name it?",
            "What runs behind it, and did connections come in since?",
        ),
        "put the rule back, and look at the flow logs for what came in meanwhile.",
    ),
    Guide(
        ("cis-network-gateway-change", "cis-route-table-change", "cis-vpc-change"),
        (
            "Which network can now be reached from where, or reach what?",
            "Who did it, and does a pipeline run or a ticket name it?",
            "Is data on its way to an address or a peered network that isn't ours?",
        ),
        "put route, gateway or peering back, and look at the flow logs for what passed meanwhile.",
    ),
    Guide(
        ("cis-key-disabled-or-deleted",),
        (
            "Which key, and what does it encrypt? `aws cloudtrail describe-trails` names the trail's.",
            "Who did it, and was it refused (`errorCode`)?",
            "When is the deletion due? It takes 7 to 30 days and can be cancelled until then.",
        ),
        "`aws kms cancel-key-deletion`, then `aws kms enable-key`: both take effect at once. Then revoke the sessions"
        " of whoever did it.",
    ),
    Guide(
        ("cis-bucket-policy-change",),
        (
            "Which bucket, and what is in it? Ours has detections of its own.",
            "Who may read it now: another account, everybody, or does data expire sooner?",
            "Who did it, and does a pipeline run or a ticket name it?",
        ),
        "put policy, ACL or lifecycle back, and look at the bucket's data events for what was read or deleted"
        " meanwhile.",
    ),
    Guide(
        ("cis-cloudtrail-change",),
        (
            "Is it our trail, and does it still log? `aws cloudtrail get-trail-status` says.",
            "Who did it, and was a deployment or a break-glass operation going on?",
            "What did the same identity do just before, and what could have gone unseen since?",
        ),
        "`aws cloudtrail start-logging` first, then deploy the environment again: Terraform puts back the rest. Treat"
        " the gap as done by an intruder.",
    ),
    Guide(
        ("cis-organizations-change",),
        (
            "Which account, policy or unit was it, and was it refused?",
            "Does a service control policy that protected this account still hold?",
            "Who did it, and was it somebody of the few who manage the organisation?",
        ),
        "attach the policy or move the account back from the management account; an account that has left must be"
        " invited again. Then revoke the sessions of whoever did it.",
    ),
    Guide(
        ("api-call-volume",),
        (
            "More or fewer than usual? After a fall or silence look at the trail first: `aws cloudtrail"
            " get-trail-status`, and who changed it.",
            "Who called most, and what? One new caller with many calls is a runaway job, or somebody who tries all.",
            "Is it planned: a migration, a load test, a holiday? CloudWatch learns a new normal within two weeks."
            " Was the trail deployed just now? Until its first records arrive there is silence, and the first days'"
            " normal is a guess.",
        ),
        "after a fall start the trail (`aws cloudtrail start-logging`) and deploy the environment again; after a rise"
        " revoke the sessions of a caller that should not be, and read what succeeded. What is planned needs nothing.",
    ),
    Guide(
        ("api-call-errors",),
        (
            "Is it one identity and many calls (somebody tries a key), or many identities and one call (an outage)?",
            "Which errors: `AccessDenied` of listing calls is looking around, throttling is a job in a loop.",
            "What did the same identity succeed with in the hour around it?",
        ),
        "deactivate the key, or revoke the role's sessions, before looking further; a job that lost a right or a"
        " resource is repaired by its owner.",
    ),
    Guide(
        ("insight-",),
        (
            "Which call of which service is it, and who made most of them? `insightDetails` names both, with averages.",
            "Does a deployment, a migration or a test explain it, and does a ticket name it?",
            "Has it ended? An End with the same `sharedEventID` follows; the calls themselves are in the log, too.",
        ),
        "stop the caller (revoke the sessions, deactivate the key), then undo what was made or deleted in the minutes"
        " since the Start. The baseline in the record is what CloudTrail took for normal in the week before.",
    ),
    Guide(
        ("responder-misused",),
        (
            "Which function's role is it, and does the function's own log show the call? If not, its credentials are"
            " used elsewhere.",
            "Where from, and with which user agent? A function calls from Lambda's addresses.",
            "Which users have inline policies now that no responder wrote?",
        ),
        "turn the switch off (the SSM parameter `<prefix>/responders`), revoke the role's sessions, delete the policies"
        " it wrote, and deploy the environment again. Then find out who changed the code or took the credentials.",
    ),
    Guide(
        ("log-policies-changed", "event-bus-changed"),
        (
            "Does it touch ours: does the trail's log group still show whole records, do our rules still fire?",
            "Who did it, by which role, and was it refused (`errorCode`)?",
            "Which team owns policies of the whole account, and does a ticket of theirs name this one?",
        ),
        "undo it by hand, as this is nothing that Terraform keeps here: delete the account policy, or put the bus's"
        " permissions and key back. Then revoke the sessions of whoever did it, and look in the archive for what went"
        " unseen.",
    ),
    Guide(
        ("R-INT-2",),
        (
            "Was a deployment or a break-glass operation going on? Then its ticket names this change.",
            "Who did it, by which role, and was it refused (`errorCode`)?",
            "Does the trail still log, and do the alarms still have their actions?",
        ),
        "deploy the environment again: Terraform puts back what was changed. Then revoke the sessions of whoever did"
        " it, and read everything the same identity did in the hours before.",
    ),
    Guide(
        ("R-EVT-12",),
        (
            "Who changed what, and is there a ticket or a pipeline run that explains it?",
            "Was it refused (`errorCode`)? Then somebody tried.",
            "What else did the same identity do in the hour around it?",
        ),
        "put back what was changed, deactivate the key or revoke the sessions that were used, and widen the search to"
        " the identity's last days.",
    ),
    Guide(
        ("R-DSH",),
        (
            "Is the day's number unlike the days before? One event alone tells little.",
            "Who is behind most of them: a deployment, a person, or an identity that never did this before?",
            "Did an alarm of a higher level ring in the same hours?",
        ),
        "undo what nobody ordered, and revoke the sessions of whoever did it. A count that is always high can be tuned:"
        " a threshold of the environment's own, or exclusions.",
    ),
    Guide(
        ("R-EVT",),
        (
            "Who did it, from where, and is that person expected to manage identities?",
            "Which user, role or key is it about, and was it used since?",
            "What else did the same identity do in the hour around it?",
        ),
        "undo it (delete what was made, restore what was deleted), and revoke the sessions of whoever did it.",
    ),
)
