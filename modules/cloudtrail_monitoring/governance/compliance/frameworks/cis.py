"""CIS AWS Foundations Benchmark: logging (3) and monitoring (4), whose numbers are the same in v3.0.0 and v5.0.0.

https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html
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
    "4.2": "a console login without MFA",
    "4.3": "use of the root user",
    "4.4": "a change of an IAM policy",
    "4.5": "a change of a trail",
    "4.6": "failed console logins",
    "4.7": "a KMS key disabled or scheduled for deletion",
    "4.8": "a change of a bucket's policy",
    "4.9": "a change of AWS Config",
    "4.10": "a change of a security group",
    "4.11": "a change of a network ACL",
    "4.12": "a change of a network gateway",
    "4.13": "a change of a route table",
    "4.14": "a change of a VPC",
    "4.15": "a change of the organisation",
}

CIS = Framework(
    id="cis-aws",
    name="CIS AWS Foundations Benchmark 3.0.0 and 5.0.0, sections 3 and 4",
    scope="the account of this environment; sections 1, 2 and 5 (identities, storage, networks) speak of the workloads",
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
                f"{what} is noticed by a metric filter with an alarm",
                (trail.LOG_DELIVERY, detections.CIS_FILTERS[number]),
            )
            for number, what in _MONITORED.items()
        ),
        Control("4.16", "AWS Security Hub is on", left="Security Hub is the account owner's to switch on"),
    ),
)
