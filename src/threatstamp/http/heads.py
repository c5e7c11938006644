"""The head of an answer, as servers write it, made into what the parser of HTTP takes.

h11 keeps to RFC 9112 and ends at whatever breaks it. Browsers and curl are milder where nothing depends on
it. What curl refuses, too, is left to h11: lines without a colon, lengths that contradict each other.
"""

from __future__ import annotations

import re

from threatstamp.http.errors import ExchangeError, Fault

MOST_INTERIM = 20
"""So many 1xx answers may come before the one that counts; Go's client takes 5, Node's any number."""

LONGEST_HEAD = 100_000
"""Bytes; the parser refuses a longer one, so it is handed on as it is."""

_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[0-9] 1(?!01)[0-9][0-9](?= |\r?$)", re.MULTILINE)
_FIELD = re.compile(rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+:")


class Head:
    """Holds back an answer's head until it is whole; what follows it passes as it comes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._searched = 0
        self._interim = 0
        self._is_over = False

    def take(self, data: bytes) -> bytes:
        """Adds what came, b"" for the end, and returns what the parser may have of it; b"" is "not yet".

        Raises ExchangeError for interim answers without end.
        """
        if self._is_over:
            return data
        self._held += data
        while match := _END.search(self._held, self._searched):
            end = match.end()
            if not _INTERIM.match(self._held):
                return self._let_go(_mended(bytes(self._held[:end])) + self._held[end:])
            del self._held[:end]
            self._searched = 0
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise ExchangeError(Fault.TOO_MUCH_SENT)
        self._searched = max(0, len(self._held) - 2)
        is_none = self._held[:1] != b"" and self._held[:1] < b"!"  # h11 need not wait for more of it
        return self._let_go(self._held) if not data or is_none or len(self._held) > LONGEST_HEAD else b""

    def _let_go(self, data: bytes | bytearray) -> bytes:
        self._is_over, self._held = True, bytearray()
        return bytes(data)


def _mended(head: bytes) -> bytes:
    """Returns a head without what browsers overlook: spaces before a colon, and fields that say nothing."""
    status, *lines = head.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    fields = (_FIELD.sub(rb"\1:", line, count=1) for line in lines)
    return b"\r\n".join((status, *(field for field in map(_said, fields) if field))) + b"\r\n\r\n"


def _said(field: bytes) -> bytes:
    """Returns a field without the transfer coding "identity", which RFC 7230 took away; b"" for nothing.

    An empty length says nothing, either, and "chunked" twice says it once.
    """
    name, colon, value = field.partition(b":")
    if name.lower() == b"content-length":
        return field if value.strip() else b""
    if name.lower() != b"transfer-encoding":
        return field
    codings = dict.fromkeys(one.strip().lower() for one in value.split(b","))
    value = b", ".join(one for one in codings if one not in (b"", b"identity"))
    return name + colon + b" " + value if value else b""
