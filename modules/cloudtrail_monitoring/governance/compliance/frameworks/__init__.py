"""The published standards that the report speaks of, a file each; numbers and addresses are theirs, the words ours."""

from cloudtrail_monitoring.governance.compliance.frameworks.cis import CIS
from cloudtrail_monitoring.governance.compliance.frameworks.hipaa import HIPAA
from cloudtrail_monitoring.governance.compliance.frameworks.pci_dss import PCI_DSS
from cloudtrail_monitoring.governance.compliance.frameworks.soc2 import SOC2
from cloudtrail_monitoring.governance.compliance.frameworks.sox import SOX

FRAMEWORKS = (SOX, PCI_DSS, HIPAA, SOC2, CIS)
"""In the report's order."""
