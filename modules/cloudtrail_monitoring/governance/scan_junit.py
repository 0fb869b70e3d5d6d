"""Writes the result of a scan as JUnit XML, for CI servers: a suite for each stack, a case for each check and resource.

A waived check is a skipped case with its reason; a waiver that waives nothing is a failed one; what was not looked at
is an error. The format is that of https://github.com/testmoapp/junitxml.
"""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cloudtrail_monitoring.governance.scan_result import Finding, ScanResult, Waiver
from cloudtrail_monitoring.governance.waivers import reason_fault

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNTED = {"failures": "failure", "skipped": "skipped", "errors": "error"}


def to_junit(result: ScanResult) -> str:
    """The result as a JUnit XML document."""
    root = Element("testsuites", name="cloudtrail-monitoring scan")
    suites = {stack: SubElement(root, "testsuite", name=stack) for stack in result.resources}
    for finding in result.passes:
        _case(suites[finding.stack], finding)
    for finding in result.findings:
        _add(_case(suites[finding.stack], finding), "failure", finding.message, finding.guideline or "")
    for finding in result.waived:
        _add(_case(suites[finding.stack], finding), "skipped", finding.reason or "")
    for waiver in result.unused:
        _add(_waiver(suites[waiver.stack], waiver), "failure", f"nothing to waive: {waiver.reason}")
    for waiver in result.reasonless:
        _add(_waiver(suites[waiver.stack], waiver), "failure", f"the waiver {reason_fault(waiver.reason)}")
    for fault in result.faults:
        stack = fault.partition(":")[0]
        suite = (
            suites[stack] if stack in suites else suites.setdefault("scan", SubElement(root, "testsuite", name="scan"))
        )
        _add(SubElement(suite, "testcase", classname="scan", name=_text(fault)), "error", fault)
    for element in (*suites.values(), root):
        _count(element)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: Element, finding: Finding) -> Element:
    return SubElement(
        suite, "testcase", classname=_text(finding.path), name=_text(f"{finding.check_id} {finding.title}")
    )


def _waiver(suite: Element, waiver: Waiver) -> Element:
    return SubElement(suite, "testcase", classname=_text(waiver.address), name=f"waiver of {_text(waiver.check_id)}")


def _add(case: Element, outcome: str, message: str, text: str = "") -> None:
    SubElement(case, outcome, message=_text(message)).text = _text(text) or None


def _count(element: Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, outcome in _COUNTED.items():
        element.set(attribute, str(len(element.findall(f".//{outcome}"))))


def _text(text: str) -> str:
    """Without the characters XML has no way to write: https://www.w3.org/TR/xml/#charsets."""
    return _NOT_XML.sub("?", text)
