"""Sarbanes-Oxley section 404: user access tracking, and the IT general controls that an auditor of it asks for.

The act names no control of IT. Appendix B of the Public Company Accounting Oversight Board's AS 2201 speaks of general
controls over program changes, access to programs, and computer operations: three of the controls here are those, and
the others' names are ours.
"""

from cloudtrail_monitoring.governance.compliance import evidence_archive as archive
from cloudtrail_monitoring.governance.compliance import evidence_detections as detections
from cloudtrail_monitoring.governance.compliance import evidence_response as response
from cloudtrail_monitoring.governance.compliance import evidence_trail as trail
from cloudtrail_monitoring.governance.compliance.control import Control, Framework

SOX = Framework(
    id="sox-404",
    name="SOX 404",
    scope="the AWS account of this environment, where it runs or holds what financial reporting relies on; the "
    "applications, and which of them matter, are for management to name",
    source="https://pcaobus.org/oversight/standards/auditing-standards/details/AS2201",
    controls=(
        Control(
            "404: user access tracking",
            "who gained access, used it and lost it can be told for every user",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS, trail.UNFILTERED),
            (
                *detections.ACCOUNTS_AND_RIGHTS,
                *detections.CREDENTIALS,
                *detections.SIGN_INS,
                *detections.QUERIES,
                detections.CATEGORY_LOG_GROUPS,
                *detections.DASHBOARD[:2],
            ),
            left="who comes through an identity provider gains and loses access there, and in its groups: its records"
            " are read beside these",
        ),
        Control(
            "ITGC: access to programs and data",
            "only those who need it have access, privileged use shows, and others' attempts are noticed",
            (
                detections.CIS_FILTERS["4.1"],
                detections.LOGIN_FAILURES,
                detections.ROOT_TOLD,
                detections.WITHOUT_MFA,
                detections.OTHER_ACCOUNTS,
                archive.READING_REFUSED,
                archive.NOT_PUBLIC,
            ),
            (detections.OFF_HOURS, response.LOCKOUT),
            left="who may have access is decided and reviewed by the owners of the systems; the access review"
            " covers this system's own parts",
        ),
        Control(
            "ITGC: changes of programs and infrastructure",
            "changes are approved before they are made, and one that was not is noticed",
            (
                archive.RIGHT_ACCOUNT,
                archive.REMOTE_STATE,
                trail.STANDING,
                detections.GUARDED,
                trail.TRAIL_CHANGES,
                *detections.OWN_CHANGES.values(),
            ),
            (detections.CIS_FILTERS["4.4"], detections.CIS_FILTERS["4.9"]),
            left="this system's own changes are reviewed in pull requests; those of the applications by their owners",
        ),
        Control(
            "ITGC: computer operations",
            "recording runs without gaps, its failures are noticed, and what it wrote stays whole and available",
            (
                trail.EVERY_REGION,
                trail.LOG_DELIVERY,
                trail.DELIVERY_WATCHED,
                archive.KEPT_SEVEN_YEARS,
                archive.LOCKED_SEVEN_YEARS,
            ),
            (trail.EVENTS_MISSED, trail.DIGESTS_VERIFIED, archive.VERSIONED),
        ),
        Control(
            "404: records for the audit",
            "the records behind an assessment are kept, unchanged and findable, for seven years",
            (
                archive.KEPT_SEVEN_YEARS,
                archive.LOCKED_SEVEN_YEARS,
                archive.VERSIONED,
                archive.DELETION_REFUSED,
                trail.VALIDATION,
            ),
            (trail.DIGESTS_VERIFIED, archive.SEARCHABLE),
        ),
    ),
)
