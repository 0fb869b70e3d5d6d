"""All detections that come with the system, by id."""

from cloudtrail_monitoring.detections.alarms import ALARMS
from cloudtrail_monitoring.detections.detection import Detection

CATALOGUE: dict[str, Detection] = {detection.id: detection for detection in ALARMS}
