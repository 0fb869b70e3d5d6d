"""PCI DSS 4.0.1, requirement 10: logging and monitoring of access.

Its source asks to accept terms first; https://withpci.com/requirements/10/10.7/10.7.3 and its neighbours show the same
numbers. 10.7.1 was for service providers alone, and 10.7.2 took its place on 31 March 2025.
"""

from cloudtrail_monitoring.governance.compliance import evidence_archive as archive
from cloudtrail_monitoring.governance.compliance import evidence_detections as detections
from cloudtrail_monitoring.governance.compliance import evidence_response as response
from cloudtrail_monitoring.governance.compliance import evidence_trail as trail
from cloudtrail_monitoring.governance.compliance.control import Control, Framework

PCI_DSS = Framework(
    id="pci-dss",
    name="PCI DSS 4.0.1, requirement 10",
    scope="calls of AWS's API in the account of this environment; operating systems, databases, applications and"
    " network devices of the cardholder data environment keep logs of their own, and are not judged here",
    source="https://www.pcisecuritystandards.org/document_library/",
    controls=(
        Control(
            "10.1",
            "the processes of logging are written down, and people know which part is theirs",
            left="security policies and roles are the organisation's to write and assign",
        ),
        Control(
            "10.2.1",
            "logging is on",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS, trail.UNFILTERED, trail.LOG_DELIVERY),
            (trail.STANDING, trail.EVENTS_MISSED),
        ),
        Control(
            "10.2.1.1",
            "each user's access to cardholder data is logged",
            (trail.OBJECT_EVENTS, trail.FUNCTION_EVENTS),
            left="what is read inside databases and applications is logged by them",
        ),
        Control(
            "10.2.1.2",
            "everything an administrator does is logged",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS, trail.UNFILTERED),
            (trail.OBJECT_EVENTS, trail.FUNCTION_EVENTS, detections.ROOT_TOLD, detections.OFF_HOURS),
            left="data events are those of S3 objects and Lambda functions; what administrators do inside operating"
            " systems, databases and other services' data is logged there",
        ),
        Control(
            "10.2.1.3",
            "access to the logs is logged",
            (archive.ACCESS_LOGGED,),
            (trail.ITSELF_LEFT_OUT,),
            left="the trail leaves its own bucket out, or it would record its own deliveries; S3's access logs, which"
            " are delivered as best effort, stand in: the audit team reads them",
        ),
        Control(
            "10.2.1.4",
            "refused access is logged",
            (trail.MANAGEMENT_EVENTS,),
            (detections.CIS_FILTERS["4.1"], detections.CIS_FILTERS["4.6"], detections.LOGIN_FAILURES),
            left="requests for S3 objects with credentials that are not valid are left out by CloudTrail, and stand in"
            " the access logs of the buckets: their owners switch those on",
            source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html",
        ),
        Control(
            "10.2.1.5",
            "changes of accounts, credentials and rights are logged",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS),
            (
                *detections.ACCOUNTS_AND_RIGHTS,
                *detections.CREDENTIALS,
                detections.CIS_FILTERS["4.4"],
                detections.QUERIES[0],
                detections.QUERIES[2],
            ),
        ),
        Control(
            "10.2.1.6",
            "starting, stopping and pausing of logs is logged",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS, trail.TRAIL_CHANGES, detections.CIS_FILTERS["4.5"]),
            (
                detections.GUARDED,
                detections.OWN_CHANGES["the trail"],
                detections.OWN_CHANGES["the log group and its filters"],
            ),
        ),
        Control(
            "10.2.1.7",
            "making and deleting of system-level objects is logged",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS, trail.UNFILTERED),
        ),
        Control(
            "10.2.2",
            "each entry says who, what, when, from where, with what outcome, and on what",
            (trail.MANAGEMENT_EVENTS, trail.OBJECT_EVENTS),
            source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
        ),
        Control(
            "10.3.1",
            "logs are read only by those whose work needs it",
            (archive.READING_REFUSED, archive.NOT_PUBLIC, archive.TLS_ONLY, trail.LOG_ENCRYPTION),
            left="the same records lie for a year in the log groups, where the account's IAM policies say who reads:"
            " who grants them keeps readers few; the access review tells who they are",
        ),
        Control(
            "10.3.2",
            "people can't change the logs",
            (
                archive.DELETION_REFUSED,
                archive.LOCKED_SEVEN_YEARS,
                archive.VERSIONED,
                archive.RECONFIGURATION_REFUSED,
            ),
            (archive.ONLY_OWN_DELIVERIES,),
        ),
        Control(
            "10.3.3",
            "logs go promptly to a central place that is hard to change",
            (trail.EVERY_REGION, archive.OWN_BUCKET, archive.LOCKED_SEVEN_YEARS),
            (trail.DELIVERY_WATCHED,),
        ),
        Control(
            "10.3.4",
            "a change of existing logs raises an alert",
            (trail.VALIDATION, trail.DIGESTS_VERIFIED),
            (detections.OWN_CHANGES["the archive"],),
        ),
        Control(
            "10.4.1",
            "security events are reviewed at least daily",
            helped_by=(*detections.DASHBOARD, detections.REAL_TIME, response.ALARM_STORY),
            left="the security team looks at alerts and dashboard every day, and signs for it",
        ),
        Control(
            "10.4.1.1",
            "the review is automated",
            (
                detections.CIS_FILTERS["4.1"],
                detections.LOGIN_FAILURES,
                detections.ROOT_TOLD,
                detections.REAL_TIME,
                trail.INSIGHTS,
            ),
            (detections.ANOMALIES, response.ALARM_STORY),
        ),
        Control(
            "10.4.2",
            "logs of other components are reviewed periodically",
            helped_by=(*detections.QUERIES, archive.SEARCHABLE),
            left="how often follows from the organisation's risk analysis (10.4.2.1), and people do it",
        ),
        Control(
            "10.4.3",
            "what a review finds is dealt with",
            (response.INCIDENT_RECORD,),
            (response.ALARM_STORY,),
            left="the security team works on incidents; the command investigate records who did what and when",
        ),
        Control(
            "10.5.1",
            "logs are kept for twelve months, three of them at hand",
            (archive.KEPT_A_YEAR, trail.LOG_DELIVERY),
            (archive.LOCKED_SEVEN_YEARS, archive.SEARCHABLE),
        ),
        Control(
            "10.6",
            "clocks agree",
            left="CloudTrail's timestamps are AWS's, whose attestation covers its clocks; those of the organisation's"
            " own systems are theirs to set",
        ),
        Control(
            "10.7.2",
            "failures of logging and of other critical controls are noticed and dealt with promptly",
            (trail.DELIVERY_WATCHED, trail.EVENTS_MISSED),
            (trail.TRAIL_CHANGES, detections.OWN_CHANGES["alarms and topics"]),
        ),
        Control(
            "10.7.3",
            "such failures are repaired, and what they hid is looked into",
            (trail.DELIVERY_WATCHED, response.INCIDENT_RECORD),
            left="the security team repairs, finds the cause and writes down how long it lasted",
        ),
    ),
)
