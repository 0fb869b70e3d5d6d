"""JSON lines to stdout, quickly, and no complaint when the reader has seen enough (`| head`)."""

import json
import os
import sys
from collections.abc import Iterable

import orjson

READER_GONE = 141
"""Exit status after the reader of our output left, as a shell gives it to a program that SIGPIPE ended."""
_BUFFER_BYTES = 1 << 16


def dumped(value: object) -> bytes:
    """A value as compact JSON, with a newline at its end; safe to show on a terminal, too."""
    try:
        line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits: legal JSON that orjson refuses
        return _in_ascii(value)
    # of the control characters, JSON must escape those of ASCII only
    return line if line.isascii() or line[:-1].decode().isprintable() else _in_ascii(value)


def _in_ascii(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def write_lines(lines: Iterable[bytes]) -> None:
    """Write lines to stdout: many at a time, or each at once where somebody watches.

    Raises:
        BrokenPipeError: if the reader has left; ``reader_gone`` says how to end.
        OSError: if stdout takes no more.
    """
    sys.stdout.flush()
    out, waiting = sys.stdout.buffer, bytearray()
    most = 0 if sys.stdout.isatty() else _BUFFER_BYTES
    try:
        for line in lines:
            waiting += line
            if len(waiting) > most:
                out.write(waiting)
                out.flush()
                waiting.clear()
    finally:
        # what was answered before a file failed is still an answer
        if waiting:
            out.write(waiting)
            out.flush()


def reader_gone() -> int:
    """Give what is left in the buffers to nobody, or Python complains at exit; returns the exit status."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return READER_GONE
