"""A window that slides over a text that comes in pieces: what has been read and not yet been used is held, nothing
else. What the text means is left to `record_stream`.
"""

import re
from collections.abc import Iterable

_BLANK = {b"": re.compile(rb"\s*+"), b",": re.compile(rb"[\s,]*+")}
_BRACKET_OR_QUOTE = re.compile(rb'["\[\]{}]')
_QUOTE_OR_ESCAPE = re.compile(rb'["\\]')
_PIECE_BYTES = 1 << 16
_KEPT_WHILE_SEEKING = 1 << 10  # longer than what a pattern matches


class SlidingText:
    """The text from ``at`` on in ``data``; ``fill`` reads on, ``advance`` lets go."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._let_go = 0
        self._window = ""
        self._window_place = -1
        self._window_end = -1
        self.data = b""
        self.at = 0
        self.line = 1
        """The line that ``at`` is in, counted from 1."""
        self.ended = False
        """Whether ``data`` holds the rest of the text."""

    @property
    def unread(self) -> int:
        """How many bytes are held and not yet used."""
        return len(self.data) - self.at

    @property
    def place(self) -> int:
        """Where ``at`` is in the whole text."""
        return self._let_go + self.at

    def fill(self, size: int) -> bool:
        """Hold ``size`` bytes from ``at`` on, or all there are; whether there is one at least."""
        held = self.unread
        if held < size and not self.ended:
            pieces = [self.data[self.at :]]
            while held < size:
                piece = next(self._pieces, None)
                if piece is None:
                    self.ended = True
                    break
                pieces.append(piece)
                held += len(piece)
            self._let_go += self.at
            self.data, self.at = b"".join(pieces), 0
        return held > 0

    def advance(self, at: int) -> None:
        """Go on to ``at`` in ``data``."""
        self.line += self.data.count(b"\n", self.at, at)
        self.at = at

    def passed_lines(self, at: int, lines: int) -> int:
        """Go on to ``at`` in ``data``, over so many lines; the line of where it was before."""
        before = self.line
        self.line += lines
        self.at = at
        return before

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes, which are held; go on behind them."""
        at = self.at
        self.advance(at + size)
        return self.data[at : at + size]

    def blank_end(self) -> int:
        """Where in ``data`` the blanks end that begin here."""
        match = _BLANK[b""].match(self.data, self.at)
        return match.end() if match else self.at

    def skip_blank(self, also: bytes = b"") -> bool:
        """Go on to what is not blank (nor a comma, with ``also=b","``); whether there is any."""
        while self.fill(1):
            match = _BLANK[also].match(self.data, self.at)
            self.advance(match.end() if match else self.at)
            if self.unread:
                return True
        return False

    def window(self, size: int) -> tuple[str, int, bool]:
        """The text from here on as Latin-1, at least ``size`` bytes of it if there are so many.

        Returns:
            The window, where in it ``at`` is, and whether it reaches to the end of the text.
        """
        offset = self.place - self._window_place
        end = self.place + self.unread
        reaches = min(self.place + size, end)
        if self._window_place < 0 or offset < 0 or self._window_end < reaches or offset > len(self._window):
            self._window, self._window_place, offset = self.data[self.at :].decode("latin-1"), self.place, 0
            self._window_end = end
        return self._window, offset, self.ended and self._window_end == end

    def seek(self, pattern: re.Pattern[bytes]) -> None:
        """Go on to where the next match of ``pattern`` ends, one byte further at least; or to the end."""
        self.advance(min(self.at + 1, len(self.data)))
        while True:
            if match := pattern.search(self.data, self.at):
                self.advance(match.end())
                return
            if self.ended:
                self.advance(len(self.data))
                return
            self.advance(max(self.at, len(self.data) - _KEPT_WHILE_SEEKING))
            self.fill(self.unread + _PIECE_BYTES)

    def skip_value(self) -> None:
        """Go on behind the bracket or quote that closes the one that opens here, or to the end.

        Strings are passed over, whatever is in them; nothing is held.
        """
        quoted, depth = False, 0
        while self.fill(1):
            data, at = self.data, self.at
            while match := (_QUOTE_OR_ESCAPE if quoted else _BRACKET_OR_QUOTE).search(data, at):
                at = match.end()
                found = match[0]
                if found == b'"':
                    quoted = not quoted
                    if not quoted and depth == 0:
                        self.advance(at)
                        return
                elif found == b"\\":
                    at += 1
                else:
                    depth += 1 if found in b"[{" else -1
                    if depth <= 0:
                        self.advance(at)
                        return
            escaped_beyond = at > len(data)
            self.advance(len(data))
            if escaped_beyond and self.fill(1):
                self.advance(self.at + 1)
