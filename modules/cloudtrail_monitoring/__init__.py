"""Constructs that emit Terraform for a CloudTrail audit trail, its locked archive, detections and alarms."""

import importlib
from typing import TYPE_CHECKING, Any

from cloudtrail_monitoring import bindings

if TYPE_CHECKING:
    from cloudtrail_monitoring.alerting.alert_topics import AlertTopics as AlertTopics
    from cloudtrail_monitoring.alerting.anomaly_alarms import AnomalyAlarms as AnomalyAlarms
    from cloudtrail_monitoring.alerting.anomaly_settings import AnomalySettings as AnomalySettings
    from cloudtrail_monitoring.alerting.budget_settings import BudgetSettings as BudgetSettings
    from cloudtrail_monitoring.alerting.cost_budget import CostBudget as CostBudget
    from cloudtrail_monitoring.alerting.root_activity_rule import RootActivityRule as RootActivityRule
    from cloudtrail_monitoring.alerting.security_alarms import SecurityAlarms as SecurityAlarms
    from cloudtrail_monitoring.alerting.urgent_rules import UrgentRules as UrgentRules
    from cloudtrail_monitoring.archive.log_archive import LogArchive as LogArchive
    from cloudtrail_monitoring.archive.search.archive_search import ArchiveSearch as ArchiveSearch
    from cloudtrail_monitoring.archive.search.settings import SearchSettings as SearchSettings
    from cloudtrail_monitoring.delivery.deployment_roles import DeploymentRoles as DeploymentRoles
    from cloudtrail_monitoring.delivery.settings import DeliverySettings as DeliverySettings
    from cloudtrail_monitoring.detections.catalogue.catalogue import CATALOGUE as CATALOGUE
    from cloudtrail_monitoring.detections.detection import Detection as Detection
    from cloudtrail_monitoring.detections.detection import Level as Level
    from cloudtrail_monitoring.detections.language.filter_pattern import FilterPattern as FilterPattern
    from cloudtrail_monitoring.detections.tuning import Exclusions as Exclusions
    from cloudtrail_monitoring.detections.tuning import Tuning as Tuning
    from cloudtrail_monitoring.guard_rails.guard_rails import GuardRails as GuardRails
    from cloudtrail_monitoring.guard_rails.settings import GuardRailsSettings as GuardRailsSettings
    from cloudtrail_monitoring.location import Location as Location
    from cloudtrail_monitoring.monitoring_stack import MonitoringStack as MonitoringStack
    from cloudtrail_monitoring.observability.dashboard import MonitoringDashboard as MonitoringDashboard
    from cloudtrail_monitoring.observability.saved_queries import SavedQueries as SavedQueries
    from cloudtrail_monitoring.observability.settings import ObservabilitySettings as ObservabilitySettings
    from cloudtrail_monitoring.responders.evidence_bucket import EvidenceBucket as EvidenceBucket
    from cloudtrail_monitoring.responders.evidence_settings import EvidenceSettings as EvidenceSettings
    from cloudtrail_monitoring.responders.names import ResponderNames as ResponderNames
    from cloudtrail_monitoring.responders.responders import Responders as Responders
    from cloudtrail_monitoring.responders.settings import RespondersSettings as RespondersSettings
    from cloudtrail_monitoring.settings import MonitoringSettings as MonitoringSettings
    from cloudtrail_monitoring.state.state_stack import StateStack as StateStack
    from cloudtrail_monitoring.trail.audit_trail import AuditTrail as AuditTrail
    from cloudtrail_monitoring.trail.enhanced_trail import EnhancedTrail as EnhancedTrail
    from cloudtrail_monitoring.trail.trail_key import TrailKey as TrailKey

_PUBLIC = {
    "AlertTopics": "alerting.alert_topics",
    "AnomalyAlarms": "alerting.anomaly_alarms",
    "AnomalySettings": "alerting.anomaly_settings",
    "ArchiveSearch": "archive.search.archive_search",
    "AuditTrail": "trail.audit_trail",
    "BudgetSettings": "alerting.budget_settings",
    "CATALOGUE": "detections.catalogue.catalogue",
    "CostBudget": "alerting.cost_budget",
    "DeliverySettings": "delivery.settings",
    "DeploymentRoles": "delivery.deployment_roles",
    "Detection": "detections.detection",
    "EnhancedTrail": "trail.enhanced_trail",
    "EvidenceBucket": "responders.evidence_bucket",
    "EvidenceSettings": "responders.evidence_settings",
    "Exclusions": "detections.tuning",
    "FilterPattern": "detections.language.filter_pattern",
    "GuardRails": "guard_rails.guard_rails",
    "GuardRailsSettings": "guard_rails.settings",
    "Level": "detections.detection",
    "Location": "location",
    "LogArchive": "archive.log_archive",
    "MonitoringDashboard": "observability.dashboard",
    "MonitoringSettings": "settings",
    "MonitoringStack": "monitoring_stack",
    "ObservabilitySettings": "observability.settings",
    "ResponderNames": "responders.names",
    "Responders": "responders.responders",
    "RespondersSettings": "responders.settings",
    "RootActivityRule": "alerting.root_activity_rule",
    "SavedQueries": "observability.saved_queries",
    "SearchSettings": "archive.search.settings",
    "SecurityAlarms": "alerting.security_alarms",
    "StateStack": "state.state_stack",
    "TrailKey": "trail.trail_key",
    "Tuning": "detections.tuning",
    "UrgentRules": "alerting.urgent_rules",
}

__all__ = sorted(_PUBLIC)

bindings.install()


def __getattr__(name: str) -> Any:
    """Import a public name's module when the name is first used: the CLI and settings need no CDKTF."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
