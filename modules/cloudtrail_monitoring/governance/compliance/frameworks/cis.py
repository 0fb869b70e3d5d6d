"""CIS AWS Foundations Benchmark: logging (3) and monitoring (4), whose numbers are the same from v3.0.0 to v5.0.0.

From v6.0.0 on logging is section 4 and monitoring section 5, with the same numbers within them.
https://github.com/prowler-cloud/prowler/tree/master/prowler/compliance/aws lists every version's.
"""

from cloudtrail_monitoring.governance.compliance import evidence_archive as archive
from cloudtrail_monitoring.governance.compliance import evidence_detections as detections
from cloudtrail_monitoring.governance.compliance import evidence_trail as trail
from cloudtrail_monitoring.governance.compliance.control import Control, Framework

_OWN_BUCKETS = (
    "of this system's own buckets no data events are recorded, or the trail would record its own deliveries; whether"
    " S3's access logs may stand in is for the auditor to say"
)
_MONITORED = {
    "4.1": "calls refused for want of rights",
    "4.2": "console logins without MFA",
    "4.3": "uses of the root user",
    "4.4": "changes of IAM policies",
    "4.5": "changes of trails",
    "4.6": "failed console logins",
    "4.7": "KMS keys disabled or scheduled for deletion",
    "4.8": "changes of bucket policies",
    "4.9": "changes of AWS Config",
    "4.10": "changes of security groups",
    "4.11": "changes of network ACLs",
    "4.12": "changes of network gateways",
    "4.13": "changes of route tables",
    "4.14": "changes of VPCs",
    "4.15": "changes of the organisation",
}

CIS = Framework(
    id="cis-aws",
    name="CIS AWS Foundations Benchmark 3.0.0 to 5.0.0, sections 3 and 4",
    scope="the account of this environment; sections 1, 2 and 5 (identities, storage, networks) speak of the workloads."
    " An e-mail subscription counts for 4.1 to 4.15 once its reader has confirmed it, which no output shows",
    source="https://www.cisecurity.org/benchmark/amazon_web_services",
    controls=(
        Control(
            "3.1",
            "CloudTrail records all Regions, management events read and write",
            (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS),
        ),
        Control("3.2", "log files are validated", (trail.VALIDATION,)),
        Control("3.3", "AWS Config is on in all Regions", left="AWS Config is the account owner's to set up"),
        Control("3.4", "the trail's bucket has server access logs", (archive.ACCESS_LOGGED,)),
        Control("3.5", "log files carry a customer-managed KMS key", (trail.LOG_ENCRYPTION,)),
        Control(
            "3.6",
            "customer-managed keys are rotated",
            (trail.KEY_ROTATION,),
            left="keys of the workloads are rotated by their owners",
        ),
        Control("3.7", "VPC flow logs are on", left="the owners of the VPCs switch them on"),
        Control("3.8", "writes of S3 objects are recorded", (trail.OBJECT_WRITES,), left=_OWN_BUCKETS),
        Control("3.9", "reads of S3 objects are recorded", (trail.OBJECT_READS,), left=_OWN_BUCKETS),
        *(
            Control(
                number,
                f"{what} are noticed by a metric filter with an alarm",
                (trail.EVERY_REGION, trail.MANAGEMENT_EVENTS, trail.LOG_DELIVERY, detections.CIS_FILTERS[number]),
            )
            for number, what in _MONITORED.items()
        ),
        Control("4.16", "AWS Security Hub is on", left="Security Hub is the account owner's to switch on"),
    ),
)
