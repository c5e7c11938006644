"""What a document costs, in plain ones: CPU time beside that of reading ordinary news at the same moment.

A second of a slow or busy machine is less work than one of a quick and quiet one; a plain megabyte is the same
work everywhere. Each reading runs in a process of its own with limits that the system holds (tests.support.forks).
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.feeds.fetching import local_fetcher, request
from tests.feeds.hostile import HEAVY, REFUSED
from threatstamp.feeds.reading import read_document

DEAREST = 8.0
"""Plain megabytes that any document may cost, however long it is."""

TRIES = 3
"""A neighbour on the same core may spoil one measurement: the best of so many counts."""

_ZONE = ZoneInfo("Asia/Tokyo")
_PARTS = 10
_ITEM = """<item><title>架空製品 {n} に脆弱性</title><link>https://news.example/{n}</link>
<guid>https://news.example/{n}</guid><pubDate>Tue, 24 Nov 2026 09:00:00 +0900</pubDate>
<description>&lt;p&gt;影響を受けるのは {n}.2.3 以前です。{more}&lt;/p&gt;</description></item>
"""


def plain() -> bytes:
    """Returns a tenth of a megabyte of well-formed news."""
    more = "至急ご確認ください。" * 8
    items = "".join(_ITEM.format(n=n, more=more) for n in range(176))
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def spent(act: Callable[[], object]) -> float:
    """Returns the CPU seconds of this process that something takes."""
    before = time.process_time()
    act()
    return time.process_time() - before


def warm() -> None:
    """Loads what the first reading loads, so that no measurement has it in it."""
    read_document(plain(), zone=_ZONE)


def megabyte() -> float:
    """Returns the CPU seconds of a plain megabyte, here and now."""
    body = plain()
    return spent(lambda: read_document(body, zone=_ZONE)) * 1_000_000 / len(body)


def read() -> None:
    """Reads the document that is named on the command line; prints what came of it and what it took."""
    name = sys.argv[1]
    resource.setrlimit(resource.RLIMIT_DATA, (320_000_000, 320_000_000))
    body = (REFUSED.get(name) or HEAVY[name])()
    unit = megabyte()
    most = math.ceil(time.process_time() + (TRIES + 1) * DEAREST * unit) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))  # what costs far too much is not waited for
    document = None
    dearness = math.inf
    megabytes = 0
    for _ in range(TRIES):
        before = time.process_time()
        document = read_document(body, zone=_ZONE)
        dearness = min(dearness, (time.process_time() - before) / unit)
        megabytes = megabytes or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if dearness <= DEAREST:
            break
        unit = megabyte()
    assert document is not None
    found = {
        "dearness": round(dearness, 2),
        "megabytes": megabytes,
        "bytes": len(body),
        "problem": document.problem.kind.value if document.problem else None,
    }
    print(json.dumps(found))


def fetch() -> None:
    """Fetches a packed page; prints the problem, the cost beside that of unpacking a tenth of it, and megabytes.

    Command line: the page's address, a file with the packed bytes, zlib's wbits for them.
    """
    url, file, wbits = sys.argv[1:]
    found = []
    with local_fetcher(seconds=100) as fetcher:
        bomb = Path(file).read_bytes()
        cost = min(spent(lambda: found.append(fetcher.fetch(request(url)))) for _ in range(TRIES))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    tenth = spent(lambda: unpack(bomb, int(wbits), most=20_000_000))
    problem = found[-1].problem
    print(json.dumps([problem.reason if problem else None, cost / tenth, megabytes]))


def unpack(packed: bytes, wbits: int, *, most: int) -> int:
    """Unpacks in pieces, as a client would; returns how many bytes it came to."""
    unpacker = zlib.decompressobj(wbits=wbits)
    count = 0
    while packed and count < most:
        count += len(unpacker.decompress(packed, 65536))
        packed = unpacker.unconsumed_tail
    return count
