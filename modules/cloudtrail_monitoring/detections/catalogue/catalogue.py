"""All detections that come with the system, by id."""

from cloudtrail_monitoring.detections.catalogue.alarms import ALARMS
from cloudtrail_monitoring.detections.catalogue.cis_benchmark import CIS_BENCHMARK
from cloudtrail_monitoring.detections.catalogue.cross_account import CROSS_ACCOUNT
from cloudtrail_monitoring.detections.catalogue.daily_counts import DAILY_COUNTS
from cloudtrail_monitoring.detections.catalogue.iam_events import IAM_EVENTS
from cloudtrail_monitoring.detections.catalogue.own_roles import OWN_ROLES
from cloudtrail_monitoring.detections.catalogue.trail_protection import TRAIL_PROTECTION
from cloudtrail_monitoring.detections.catalogue.unusual_activity import UNUSUAL_ACTIVITY
from cloudtrail_monitoring.detections.detection import Detection

CATALOGUE: dict[str, Detection] = {
    detection.id: detection
    for detections in (
        ALARMS,
        IAM_EVENTS,
        CROSS_ACCOUNT,
        CIS_BENCHMARK,
        TRAIL_PROTECTION,
        OWN_ROLES,
        UNUSUAL_ACTIVITY,
        DAILY_COUNTS,
    )
    for detection in detections
}
