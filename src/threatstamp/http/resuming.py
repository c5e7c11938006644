"""A download that broke off goes on where it ended, if the server still has the same."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from threatstamp.http.bodies import is_packed
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.question import Answer, Question, Writer

_PART = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


def resumed(question: Question, file: BinaryIO, *, etag: str | None) -> Question:
    """Returns the question for what a file lacks of a body; it is written behind what is there.

    file: open for reading and writing; it holds the beginning of the body, or nothing. etag: what came with
    that beginning. A server that has another body by now, or gives no parts, answers 200 with the whole,
    which replaces what is there. 416 says that nothing is missing. most counts for the whole file.
    """
    start = file.seek(0, os.SEEK_END)
    headers = (*question.headers, (b"Accept-Encoding", b"identity"))  # a part of a packed body is of no use
    if start and etag and not etag.startswith("W/"):  # a weak one may be that of other bytes
        headers += ((b"Range", b"bytes=%d-" % start), (b"If-Range", etag.encode("latin-1")))
    return replace(question, headers=headers, into=partial(_placed, file, start, question.most))


def _placed(file: BinaryIO, start: int, most: int, head: Answer) -> Writer:
    """Returns the file, ready for the whole body or for what follows its beginning. Raises ExchangeError."""
    place = 0
    if head.status == 206:
        place = start
        part = _PART.fullmatch(head.headers.get("content-range", ""))
        if part is None or int(part[1]) != start or is_packed(head.headers.get("content-encoding", "")):
            raise ExchangeError(Fault.PART_WRONG, host=head.target.host)
        if int(part[2]) >= most:
            raise ExchangeError(Fault.BODY_TOO_LARGE, most=most)
    file.seek(place)
    file.truncate()
    return file
