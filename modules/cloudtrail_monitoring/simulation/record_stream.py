"""JSON values one after the other out of a text that comes in pieces, each with its line: JSON lines, documents spread
over lines, documents glued together, and the members of a list such as `{"Records": [...]}` without holding the list.
What the values are is left to `record_wrappers` and `records`.

Memory holds about ``HELD_BYTES`` of text, and up to ``MAX_RECORD_BYTES`` where a value is that long.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from cloudtrail_monitoring.simulation.json_parsing import TOO_LARGE, Broken, parsed
from cloudtrail_monitoring.simulation.sliding_text import SlidingText

MAX_RECORD_BYTES = 4 << 20
"""The longest value that is read. CloudTrail's events have at most 256 KB, in event data stores 1 MB:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""

HELD_BYTES = 1 << 17
"""How much of a list is parsed at once, and how long a line must be to be looked at as a list."""

LISTS = ("Records", "Events", "events", "logEvents")
"""The keys of an object under which a list of records can be; see `record_wrappers`."""

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_FORMATS = {
    b"\xff\xfe\0\0": "the file is UTF-32, not UTF-8",
    b"\0\0\xfe\xff": "the file is UTF-32, not UTF-8",
    b"\xff\xfe": "the file is UTF-16, not UTF-8",
    b"\xfe\xff": "the file is UTF-16, not UTF-8",
    b'{\0"\0': "the file is UTF-16, not UTF-8",
    b'\0{\0"': "the file is UTF-16, not UTF-8",
    b"\x1f\x8b": "the file is gzip within gzip: unpack it once",
    b"PK\x03\x04": "the file is a zip archive: unpack it first",
    b"BZh": "the file is packed with bzip2: unpack it first",
    b"\xfd7zXZ": "the file is packed with xz: unpack it first",
    b"\x28\xb5\x2f\xfd": "the file is packed with Zstandard: unpack it first",
    b"PAR1": "the file is Parquet, not JSON",
}

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PLAIN = rb'(?:%b|[^\s"\[\]{},:]++)' % _STRING
_FLAT = rb"(?:%b|\[\s*+(?:%b\s*+,?\s*+)*+\])" % (_PLAIN, _PLAIN)
# A list of objects, at the top or after members that hold none. What has an eventName is a record, whatever else.
_LIST_OPENING = re.compile(
    rb'(?:(?P<object>\{)\s*+(?:(?!"event(?:Name|Version)")%b\s*+:\s*+%b\s*+,\s*+)*+"(?:%b)"\s*+:\s*+)?\[(?=\s*+(?:\{|\Z))'
    % (_STRING, _FLAT, "|".join(LISTS).encode()),
    re.DOTALL,
)
# What the first line of a pretty-printed document looks like. A broken JSON line holds more, so the two are not mixed.
_FIRST_OF_MANY_LINES = re.compile(rb'\[\s*+\{?|\{\s*+(?:"[^"\\]*+"\s*+(?::[\[{\s]*+)?)?')
_FIRST_KEY = re.compile(rb'\{\s*+"[^"\\]{0,100}+"')
_BETWEEN_MEMBERS = re.compile(rb"\s*+,\s*+" + _FIRST_KEY.pattern)
_GLUED = re.compile(rb"\}\s*+\{")
_NEXT_LINE = re.compile(rb"\n")
_END_OF_NUMBER = re.compile(rb"(?=[,\]}\s])")
_NO_RECORDS = b'"CONTROL_MESSAGE"'  # sent by CloudWatch Logs to see whether its subscriber answers
_ANY_OBJECT = re.compile(rb'(?=\{\s*+["}])')
_DECODER = json.JSONDecoder()
_SEPARATORS_KEPT = 8


@dataclass(slots=True)
class Batch:
    """Values that follow each other."""

    values: Sequence[object]
    first_line: int
    text: bytes | None = None
    """The list they are in, without its brackets; `None` if each has a line to itself."""
    _lines: list[int] | None = None

    def line(self, index: int) -> int:
        """The line that the value at ``index`` begins in, counted from 1."""
        if self.text is None:
            return self.first_line + index
        if self._lines is None:
            self._lines = list(_lines(self.text.decode("latin-1"), self.first_line))
        return self._lines[min(index, len(self._lines) - 1)]


def longer_than(longest: int) -> str:
    """Why a value of more than ``longest`` bytes is left out."""
    size = f"{longest >> 20} MiB" if longest >= 1 << 20 else f"{longest} bytes"
    return f"longer than {size}: no CloudTrail record is"


class JsonStream:
    """The JSON values of a text, in batches.

    Args:
        pieces: The text, cut anywhere.
        damage: Says, after the last piece, why the text ends there, or `None` if it is whole.
        held: As ``HELD_BYTES``.
        longest: As ``MAX_RECORD_BYTES``.
    """

    def __init__(
        self,
        pieces: Iterable[bytes],
        damage: Callable[[], str | None] = lambda: None,
        *,
        held: int = HELD_BYTES,
        longest: int = MAX_RECORD_BYTES,
    ) -> None:
        self._text = SlidingText(pieces)
        self._damage = damage
        self._damage_told = False
        self._held = held
        self._longest = longest

    def __iter__(self) -> Iterator[Batch]:
        text = self._text
        text.fill(max(map(len, _OTHER_FORMATS)))
        if why := next((why for start, why in _OTHER_FORMATS.items() if text.data.startswith(start)), None):
            yield Batch([Broken(why, to_the_end=True)], 1)
            return
        if text.data.startswith(_UTF8_MARK):
            text.advance(len(_UTF8_MARK))
        while text.fill(1):
            yield from self._whole_lines()
            yield from self._unended_line()
        if (why := self._damage()) and not self._damage_told:
            yield Batch([Broken(why, to_the_end=True)], text.line)

    # -- JSON lines -----------------------------------------------------------------------------------------------

    def _whole_lines(self) -> Iterator[Batch]:
        """Every line whose end is held: one after the other, as long as each is a value."""
        text, loads = self._text, orjson.loads
        if text.unread > self._longest and (end := text.data.find(b"\n", text.at)) - text.at > self._longest:
            yield Batch([Broken(longer_than(self._longest))], text.line)
            text.advance(end + 1)
        values: list[object] = []
        data, at = text.data, text.at
        while (end := data.find(b"\n", at)) >= 0:
            try:
                values.append(loads(data[at:end]))
            except orjson.JSONDecodeError:
                first_line = text.passed_lines(at, len(values))
                if values:
                    yield Batch(values, first_line)
                yield from self._odd_line(end)
                values, data, at = [], text.data, text.at
            else:
                at = end + 1
        first_line = text.passed_lines(at, len(values))
        if values:
            yield Batch(values, first_line)

    def _unended_line(self) -> Iterator[Batch]:
        """A line whose end is not held: more of it is, afterwards, or it has been dealt with."""
        text = self._text
        size = text.unread
        if not size:
            return
        if text.ended:
            yield from self._odd_line(len(text.data))
        elif size > self._longest or (size > self._held and _LIST_OPENING.match(text.data, text.at)):
            yield from self._documents()
        else:
            text.fill(min(2 * size, self._longest + 1) if size > self._held else size + 1)

    def _odd_line(self, end: int) -> Iterator[Batch]:
        """The line from here to ``end``, which is blank, broken, the last, or no value by itself."""
        text = self._text
        blank = text.blank_end()
        if blank >= end:
            text.advance(blank)
            return
        raw = text.data[text.at : end]
        value = parsed(raw)
        if isinstance(value, Broken):
            if _begins_document(raw):
                yield from self._documents()
                return
            if text.ended and end == len(text.data):
                value = self._cut_off(Broken(value.why, cut_off=True))
        yield Batch([value], text.line)
        text.advance(min(end + 1, len(text.data)))

    # -- documents ------------------------------------------------------------------------------------------------

    def _documents(self) -> Iterator[Batch]:
        """Documents, up to one that ends its line with JSON lines to follow."""
        text = self._text
        while True:
            text.skip_blank()
            yield from self._document()
            line = text.line
            if not text.skip_blank():
                return
            if text.line > line and not self._begins_many_lines():
                return

    def _begins_many_lines(self) -> bool:
        text = self._text
        text.fill(min(self._held, 1 << 12))
        end = text.data.find(b"\n", text.at)
        return end >= 0 and bool(_FIRST_OF_MANY_LINES.fullmatch(text.data[text.at : end].strip()))

    def _document(self) -> Iterator[Batch]:
        text = self._text
        if not text.fill(1):
            return
        text.fill(self._held)
        opening = _LIST_OPENING.match(text.data, text.at)
        if opening and _NO_RECORDS not in opening[0]:
            text.advance(opening.end())
            yield from self._members()
            if opening["object"] and text.fill(1):
                yield from self._after_list()
            return
        first_key, line, place = _FIRST_KEY.match(text.data, text.at), text.line, text.place
        value = self._value()
        yield Batch([value], line)
        if text.place == place:
            next_line = rb"\n(?=\{)" if self._begins_many_lines() else rb"\n"
            glued = rb"|\}\s*+(?=%b)" % re.escape(first_key[0]) if first_key else b""
            text.seek(re.compile(next_line + glued))

    def _after_list(self) -> Iterator[Batch]:
        """What else an object holds after its list of records, to its closing bracket."""
        text = self._text
        text.fill(self._held)
        before = '{"":0'
        try:
            _, end = _DECODER.raw_decode(before + text.data[text.at :].decode("latin-1"))
        except (ValueError, RecursionError):
            yield Batch([self._cut_off(Broken("broken JSON after the list of records", cut_off=text.ended))], text.line)
            text.seek(_NEXT_LINE)
        else:
            text.take(end - len(before))

    def _value(self) -> object:
        """The value here, with the text going on behind it; or a ``Broken``, with the text where it was, unless the
        end of the value is clear all the same."""
        text = self._text
        size = min(self._held, self._longest)
        while True:
            text.fill(size)
            # In Latin-1 a byte is a character, so places in one are places in the other.
            window, offset, whole = text.window(size)
            try:
                value, end = _DECODER.raw_decode(window, offset)
            except json.JSONDecodeError as error:
                cut_off = error.msg.startswith("Unterminated") or error.pos >= len(window) - len('"\\ud83d\\ude00"')
                if not cut_off or whole:
                    below = window.count("\n", offset, error.pos)
                    return self._cut_off(Broken(f"broken JSON: {error.msg}", below, cut_off and whole))
            except (ValueError, RecursionError):
                return TOO_LARGE
            else:
                if end - offset > self._longest:
                    return Broken(longer_than(self._longest), by_brackets=True)
                if end < len(window) or whole or window[end - 1] in '}]"':
                    raw = text.take(end - offset)
                    return value if raw.isascii() else parsed(raw)
            if size >= self._longest:
                return Broken(longer_than(self._longest), by_brackets=True)
            size = min(4 * size, self._longest)

    def _cut_off(self, broken: Broken) -> Broken:
        """``broken``, or the damage that explains it."""
        damage = self._damage() if broken.cut_off else None
        if not damage:
            return broken
        self._damage_told = True
        return Broken(damage, cut_off=True, to_the_end=True)

    # -- lists ----------------------------------------------------------------------------------------------------

    def _members(self) -> Iterator[Batch]:
        """The members of a list that has been opened, to its end or that of the text."""
        text = self._text
        separators: dict[bytes, None] = {}
        one_by_one_until = 0
        told = False
        while text.skip_blank(also=b","):
            if text.data[text.at : text.at + 1] == b"]":
                text.advance(text.at + 1)
                return
            if separators and text.place >= one_by_one_until:
                batch = self._batch(separators)
                if batch:
                    yield batch
                    continue
                one_by_one_until = text.place + text.unread
            first_key, line, place = _FIRST_KEY.match(text.data, text.at), text.line, text.place
            value = self._value()
            yield Batch([value], line)
            told = isinstance(value, Broken) and value.cut_off
            if isinstance(value, Broken) and text.place == place:
                self._pass_over(value, first_key)
            else:
                self._learn(separators)
        if not told:
            yield Batch([self._cut_off(Broken("the list of records ends early", cut_off=True))], text.line)

    def _pass_over(self, broken: Broken, first_key: re.Match[bytes] | None) -> None:
        if not broken.by_brackets:
            # the next that begins like this one: what is broken may have brackets too many or too few
            alike = rb"(?=%b)" % re.escape(first_key[0]) if first_key else _ANY_OBJECT.pattern
            self._text.seek(re.compile(alike))
        elif self._text.data[self._text.at : self._text.at + 1] in (b"{", b"[", b'"'):
            self._text.skip_value()
        else:
            self._text.seek(_END_OF_NUMBER)

    def _learn(self, separators: dict[bytes, None]) -> None:
        """How the member before and the one after are separated, up to the first key of the latter."""
        text = self._text
        text.fill(self._held)
        between = _BETWEEN_MEMBERS.match(text.data, text.at)
        if between and text.data[text.at - 1 : text.at] == b"}":
            separators[b"}" + between[0]] = None
            if len(separators) > _SEPARATORS_KEPT:
                del separators[next(iter(separators))]

    def _batch(self, separators: Iterable[bytes]) -> Batch | None:
        """The members up to the last separator that is held, if that is where they end: parsing them shows."""
        text = self._text
        text.fill(self._held)
        data, at = text.data, text.at
        for begin in (max(at, len(data) - self._held // 4), at):
            cut = max(data.rfind(separator, begin) for separator in separators)
            if cut > at:
                break
        else:
            return None
        try:
            values = orjson.loads(b"[%b]" % data[at : cut + 1])
        except orjson.JSONDecodeError:
            return None
        line = text.line
        return Batch(values, line, text.take(cut + 1 - at))


def _begins_document(line: bytes) -> bool:
    """Whether a line that is no value by itself begins one, or holds several."""
    line = line.strip()
    return bool(_FIRST_OF_MANY_LINES.fullmatch(line) or _LIST_OPENING.match(line) or _GLUED.search(line))


def _lines(members: str, line: int) -> Iterator[int]:
    """The lines that members of a list begin in. The first one's is ``line``, always."""
    at = 0
    counted = 0
    while at < len(members):
        at = _end_of_gap(members, at)
        line, counted = line + members.count("\n", counted, at), at
        yield line
        try:
            _, at = _DECODER.raw_decode(members, at)
        except (ValueError, RecursionError):  # orjson takes deeper nesting than json
            return


def _end_of_gap(members: str, at: int) -> int:
    while members[at : at + 1] in (" ", "\t", "\r", "\n", ","):
        at += 1
    return at
