"""Small bridges over what moto lacks or does otherwise than AWS, each saying what AWS does and where moto departs.

They are the difference between "the stack deploys unmodified" and a stack written around its simulator. One module a
service; ``GAPS`` is the whole list, and the embedded AWS applies it while it runs and undoes it afterwards.
"""

from .billing import BILLING_GAPS
from .cloudtrail import CLOUDTRAIL_GAPS
from .functions import FUNCTION_GAPS
from .gap import Gap, Replacement, bridged
from .keys import KEY_GAPS
from .log_events import LOG_EVENT_GAPS
from .log_queries import LOG_QUERY_GAPS
from .metric_data import METRIC_DATA_GAPS
from .protocol import PROTOCOL_GAPS
from .queries import QUERY_GAPS
from .storage import STORAGE_GAPS
from .watch import WATCH_GAPS

GAPS: tuple[Gap, ...] = (
    *PROTOCOL_GAPS,
    *STORAGE_GAPS,
    *KEY_GAPS,
    *CLOUDTRAIL_GAPS,
    *WATCH_GAPS,
    *METRIC_DATA_GAPS,
    *LOG_EVENT_GAPS,
    *LOG_QUERY_GAPS,
    *QUERY_GAPS,
    *BILLING_GAPS,
    *FUNCTION_GAPS,
)

__all__ = ["GAPS", "Gap", "Replacement", "bridged"]
