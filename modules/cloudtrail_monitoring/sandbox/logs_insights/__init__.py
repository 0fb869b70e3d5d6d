"""The CloudWatch Logs Insights query language: ``parse`` checks a query, ``run`` carries it out over records."""

from .literals import QueryFault
from .run import run
from .syntax import parse

__all__ = ["QueryFault", "parse", "run"]
