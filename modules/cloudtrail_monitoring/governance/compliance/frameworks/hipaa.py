"""HIPAA's security rule: audit controls (45 CFR 164.312(b)) and the safeguards that rest on them."""

from cloudtrail_monitoring.governance.compliance import evidence_archive as archive
from cloudtrail_monitoring.governance.compliance import evidence_detections as detections
from cloudtrail_monitoring.governance.compliance import evidence_response as response
from cloudtrail_monitoring.governance.compliance import evidence_trail as trail
from cloudtrail_monitoring.governance.compliance.control import Control, Framework

_RULE = "https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-164/subpart-C"
_ADMINISTRATIVE = f"{_RULE}/section-164.308"
_TECHNICAL = f"{_RULE}/section-164.312"

HIPAA = Framework(
    id="hipaa",
    name="HIPAA security rule",
    scope="access to protected health information through AWS's API in the account of this environment: what holds it"
    " is named by phi_resources; applications and databases that hold it have safeguards of their own",
    source=_RULE,
    controls=(
        Control(
            "164.308(a)(1)(ii)(D)",
            "records of what happened in the systems are reviewed regularly",
            (trail.MANAGEMENT_EVENTS, trail.LOG_DELIVERY),
            (*detections.QUERIES, *detections.DASHBOARD, response.ALARM_STORY),
            left="the security official looks through them, and says how often",
            source=_ADMINISTRATIVE,
        ),
        Control(
            "164.308(a)(5)(ii)(C)",
            "logins are watched, and what is odd is reported",
            (
                detections.CONSOLE_LOGIN,
                detections.LOGIN_FAILURES,
                detections.WITHOUT_MFA,
                detections.CIS_FILTERS["4.6"],
            ),
            (detections.DASHBOARD[1], detections.DASHBOARD[2], response.LOCKOUT, response.GEOGRAPHY),
            left="logins at an identity provider and in applications are watched there; the procedure, and to whom is"
            " reported, is the organisation's to write",
            source=_ADMINISTRATIVE,
        ),
        Control(
            "164.308(a)(6)(ii)",
            "security incidents are recognised, answered, contained and written down",
            (response.INCIDENT_RECORD, response.LOCKOUT, detections.REAL_TIME),
            (response.GEOGRAPHY, response.ALARM_STORY, response.ROOT_CONVERSATION),
            left="people decide, and carry an incident through its stages; see the runbooks",
            source=_ADMINISTRATIVE,
        ),
        Control(
            "164.312(a)(2)(i)",
            "each user can be told from the others",
            (trail.MANAGEMENT_EVENTS, detections.USER_CREATED),
            (detections.CIS_FILTERS["4.3"], detections.ROLE_ASSUMED),
            left="giving each person a user or role session of their own is up to who administers identities",
            source=_TECHNICAL,
        ),
        Control(
            "164.312(b)",
            "activity in systems that hold protected health information is recorded and can be examined",
            (trail.MANAGEMENT_EVENTS, trail.PHI_EVENTS, trail.LOG_DELIVERY),
            (archive.SEARCHABLE, archive.LOCKED_SEVEN_YEARS),
            left="what is read inside databases and applications is recorded by them; that phi_resources names all of"
            " it, and that people examine it, is the organisation's to see to",
            source=_TECHNICAL,
        ),
        Control(
            "164.312(c)(1)",
            "health information is protected from improper change and loss",
            (
                archive.LOCKED_SEVEN_YEARS,
                archive.VERSIONED,
                archive.DELETION_REFUSED,
                archive.RECONFIGURATION_REFUSED,
            ),
            (detections.GUARDED,),
            left="what is protected here is the record of who touched it; of the health information itself its own"
            " systems take care",
            source=_TECHNICAL,
        ),
        Control(
            "164.312(c)(2)",
            "a mechanism shows that health information was not changed or destroyed by those who may not",
            (trail.VALIDATION, trail.DIGESTS_VERIFIED),
            left="what is verified here is the record of who touched it; of the health information itself its own"
            " systems take care",
            source=_TECHNICAL,
        ),
        Control(
            "164.312(d)",
            "who asks for access is who they claim to be",
            helped_by=(detections.WITHOUT_MFA, detections.CIS_FILTERS["4.2"], response.GEOGRAPHY),
            left="the identity provider and IAM demand MFA; this system notices where it was missing",
            source=_TECHNICAL,
        ),
        Control(
            "164.312(e)(1)",
            "health information is protected on its way over a network",
            (archive.TLS_ONLY,),
            left="what is protected here is the record of who touched it; between applications and their users it is"
            " theirs to protect",
            source=_TECHNICAL,
        ),
        Control(
            "164.316(b)(2)(i)",
            "documentation is kept for six years",
            (archive.KEPT_SEVEN_YEARS, archive.LOCKED_SEVEN_YEARS),
            left="of policies and procedures as well, by who writes them",
            source=f"{_RULE}/section-164.316",
        ),
    ),
)
