"""SOC 2: the trust services criteria on access (CC6), operations (CC7) and changes (CC8) that an audit trail shows."""

from cloudtrail_monitoring.governance.compliance import evidence_archive as archive
from cloudtrail_monitoring.governance.compliance import evidence_detections as detections
from cloudtrail_monitoring.governance.compliance import evidence_response as response
from cloudtrail_monitoring.governance.compliance import evidence_trail as trail
from cloudtrail_monitoring.governance.compliance.control import Control, Framework

_OWNERS = "the owners of the systems decide on access, and review it; the access review covers this system's own parts"

SOC2 = Framework(
    id="soc-2",
    name="SOC 2, trust services criteria",
    scope="evidence of design from the AWS account of this environment; whether controls worked over a period, an"
    " auditor sees in records, not in a configuration",
    source="https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022",
    controls=(
        Control(
            "CC6.1",
            "logical access to what is worth protecting is limited",
            (
                archive.READING_REFUSED,
                archive.DELETION_REFUSED,
                archive.RECONFIGURATION_REFUSED,
                archive.NOT_PUBLIC,
                archive.ENCRYPTED,
                trail.LOG_ENCRYPTION,
            ),
            (detections.CIS_FILTERS["4.1"], trail.KEY_ROTATION),
            left=_OWNERS,
        ),
        Control(
            "CC6.2",
            "users are registered before they get credentials, and lose them when they go",
            (detections.USER_CREATED, detections.USER_DELETED, detections.KEY_CREATED, detections.KEY_DELETED),
            (detections.PASSWORD_CHANGED, detections.QUERIES[0]),
            left="who joins and leaves is known to who administers identities: they compare it with these records",
        ),
        Control(
            "CC6.3",
            "rights follow roles and least privilege, and their changes are authorised",
            (
                detections.POLICY_ATTACHED,
                detections.INLINE_POLICY,
                detections.ROLE_CREATED,
                detections.CIS_FILTERS["4.4"],
                detections.OFF_HOURS,
            ),
            (detections.QUERIES[2], detections.DASHBOARD[0]),
            left=_OWNERS,
        ),
        Control(
            "CC6.6",
            "threats from outside are kept out",
            (
                detections.LOGIN_FAILURES,
                detections.WITHOUT_MFA,
                detections.OTHER_ACCOUNTS,
                detections.CIS_FILTERS["4.10"],
                detections.CIS_FILTERS["4.11"],
                detections.CIS_FILTERS["4.12"],
            ),
            (response.LOCKOUT, response.GEOGRAPHY, detections.DASHBOARD[2]),
            left="firewalls and network boundaries are those of the workloads; their changes are told here",
        ),
        Control(
            "CC6.7",
            "data on the move, and its removal, are limited to those who may",
            (archive.TLS_ONLY, archive.READING_REFUSED),
            (detections.CIS_FILTERS["4.8"],),
            left="of the workloads' own data their owners take care",
        ),
        Control(
            "CC6.8",
            "unauthorised software is kept out or found",
            left="malware and vulnerability scanners of the workloads do that",
        ),
        Control(
            "CC7.1",
            "changes of configuration that open weaknesses are found",
            (
                detections.CIS_FILTERS["4.5"],
                detections.CIS_FILTERS["4.8"],
                detections.CIS_FILTERS["4.9"],
                detections.CIS_FILTERS["4.13"],
                detections.CIS_FILTERS["4.14"],
                *detections.OWN_CHANGES.values(),
            ),
            (archive.REMOTE_STATE,),
            left="known vulnerabilities of software are for scanners to find",
        ),
        Control(
            "CC7.2",
            "systems are watched for anomalies that may be signs of attack, disaster or error",
            (
                trail.EVERY_REGION,
                trail.MANAGEMENT_EVENTS,
                trail.LOG_DELIVERY,
                trail.INSIGHTS,
                detections.CIS_FILTERS["4.1"],
                detections.LOGIN_FAILURES,
                detections.ROOT_TOLD,
                detections.REAL_TIME,
            ),
            (
                detections.ANOMALIES,
                *detections.DASHBOARD,
                trail.DELIVERY_WATCHED,
                trail.EVENTS_MISSED,
                trail.DIGESTS_VERIFIED,
            ),
        ),
        Control(
            "CC7.3",
            "security events are evaluated, and it is decided whether they are incidents",
            (response.INCIDENT_RECORD, response.ALARM_STORY),
            (detections.QUERIES[1], archive.SEARCHABLE),
            left="people evaluate; the command investigate gather brings what they need",
        ),
        Control(
            "CC7.4",
            "incidents are answered: contained, removed, told",
            (response.LOCKOUT, response.GEOGRAPHY, trail.FULLER_LOGGING, response.INCIDENT_RECORD),
            (response.ROOT_CONVERSATION, response.ALARM_STORY),
            left="people remove the cause and tell who is concerned; what was contained ends by itself",
        ),
        Control(
            "CC7.5",
            "what an incident broke is brought back",
            (archive.VERSIONED, archive.REMOTE_STATE),
            (archive.LOCKED_SEVEN_YEARS,),
            left="recovery of the workloads is their owners'; this system's state is versioned, and comes back",
        ),
        Control(
            "CC8.1",
            "changes are authorised, tested and approved before they are made",
            (archive.RIGHT_ACCOUNT, archive.REMOTE_STATE, detections.GUARDED, trail.STANDING),
            tuple(detections.OWN_CHANGES.values()),
            left="this system's changes are approved in pull requests; those of the workloads by their owners",
        ),
    ),
)
