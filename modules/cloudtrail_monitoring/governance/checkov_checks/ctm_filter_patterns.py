"""The filter patterns of CloudTrail's records, read as they are written.

Checkov takes ``||``, ``&&`` and ``=`` within a pattern for Terraform's operators and hands over half of it, so that the
pattern is read from the file itself. One that is not written out there (a variable, a map) can't be read.
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkov.common.graph.graph_builder import CustomAttributes

if TYPE_CHECKING:
    from cloudtrail_monitoring.governance.checkov_checks import ctm_attributes as tf
    from cloudtrail_monitoring.governance.checkov_checks import ctm_configuration as graph
    from cloudtrail_monitoring.governance.checkov_checks.ctm_cis_controls import CIS_CONTROLS
else:
    import ctm_attributes as tf
    import ctm_configuration as graph
    from ctm_cis_controls import CIS_CONTROLS

# fields of a CloudTrail record that patterns name:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
_OF_CLOUDTRAIL = re.compile(
    r"\$\.(?:event(?:Name|Source|Type|Category)|errorCode|errorMessage|userIdentity|readOnly)\b"
)
_QUOTED = re.compile(r'^\s*pattern\s*=\s*(?P<text>"(?:[^"\\]|\\.)*")\s*$', re.MULTILINE)
_HEREDOC = re.compile(r"^\s*pattern\s*=\s*<<-?(?P<mark>\w+)\n(?P<text>.*?)^\s*(?P=mark)\s*$", re.MULTILINE | re.DOTALL)


def pattern_of(metric_filter: "graph.Resource") -> str:
    """The pattern of a metric filter.

    Raises:
        UnreadableError: if it is not written out.
    """
    path = str(metric_filter.vertex[CustomAttributes.FILE_PATH])
    try:
        text = _of_json(path, metric_filter) if path.endswith(".json") else _of_hcl(path, metric_filter)
    except (KeyError, OSError, TypeError, ValueError):
        text = None
    if text is None or "${" in text:
        raise tf.UnreadableError(metric_filter.address)
    return text


@lru_cache(maxsize=64)
def _source(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def _document(path: str) -> Any:
    return json.loads(_source(path))


def _of_json(path: str, metric_filter: "graph.Resource") -> str | None:
    kind, _, name = metric_filter.address.partition(".")
    text = _document(path)["resource"][kind][name]["pattern"]
    return text if isinstance(text, str) else None


def _of_hcl(path: str, metric_filter: "graph.Resource") -> str | None:
    first, last = (tf.whole_number(metric_filter.attributes[key]) for key in ("__start_line__", "__end_line__"))
    block = "\n".join(_source(path).splitlines()[(first or 1) - 1 : last])
    quoted = _QUOTED.search(block)
    if quoted:
        return str(json.loads(quoted["text"]))
    heredoc = _HEREDOC.search(block)
    return heredoc["text"].strip() if heredoc else None


def reads_cloudtrail(pattern: str) -> bool:
    """Whether a pattern is about CloudTrail's records."""
    return bool(_OF_CLOUDTRAIL.search(pattern))


def names_event(pattern: str, event: str) -> bool:
    """Whether a pattern asks for that ``eventName``, letter by letter or as part of a list."""
    return bool(re.search(rf'\$\.eventName\s*=\s*"?{event}\b', pattern))


def control_of(pattern: str) -> str | None:
    """The CIS control whose published text this is, letter by letter."""
    return _BY_TEXT.get(pattern)


_BY_TEXT = {text: control for control, text in CIS_CONTROLS.items()}
