"""Mutates documents and reads them: `python tools/fuzz_feeds.py RUNS [SEED]`.

Starts from the corpus, from documents made here, and from ../shared/data where that is there. Nothing may be
raised, what must hold of every document must hold, and none may take long. Ends with 1 if anything went
wrong; the documents that did it are kept in artefacts/fuzz.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.feeds.support import SHARED, samples
from tests.feeds.test_any_bytes import check

from threatstamp.feeds.reading import read_document

ZONE = ZoneInfo("Asia/Tokyo")
KEPT = Path(__file__).parents[1] / "artefacts" / "fuzz"
SLOW = 2.0
TOKENS = (
    b"<", b">", b"</", b"/>", b"&", b";", b"&amp;", b"&lt;", b"&#0;", b"&#xD800;", b"&#99999999;",
    b"&nbsp;", b"&x;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml ", b"?>", b"<!DOCTYPE x [",
    b"<!ENTITY a 'b'>", b"]>", b"<item>", b"</item>", b"<entry>", b"</entry>", b"<rss>", b"</rss>",
    b"<channel>", b"</channel>", b"<title>", b"</title>", b"<link>", b"javascript:", b"http://[", b"//",
    b"xml:base='", b"xmlns='", b"xmlns:a='b' ", b"type='xhtml'", b"encoding='euc-jp'",
    b"encoding='utf-16'", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"\xff", b"\x1b$B",
    b"\x1b(B", b"\x81", b"\x8f", b"\xe3\x81", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "年".encode(),
    "令和".encode(), "\u202e".encode(), "\ufeff".encode(), "。".encode("cp932"), "、".encode("euc_jp"),
    b"{", b"}", b"[", b"]", b'"', b"'", b",", b":", b"\\u", b"\\ud800", b"null", b"1e999", b"9" * 50,
    b"\n", b"\r", b" " * 50, b"0000-00-00", b"24:00", b"99 Nov 9999 99:99:99 +9999", b"<p>",
    b"<script>", b"<x " + b"a='b' " * 20,
)  # fmt: skip
HEADERS = (
    None,
    None,
    None,
    "text/xml; charset=shift_jis",
    "text/xml; charset=utf-16",
    "charset=hex",
    "charset=\xff",
)


def seeds() -> list[bytes]:
    """Returns the documents to start from."""
    found = [sample.path.read_bytes() for sample in samples()]
    for folder in ("feeds", "myjvn"):
        found += [path.read_bytes() for path in sorted((SHARED / folder).glob("*")) if path.is_file()]
    return found


def mutate(body: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """Returns a body with one to eight changes."""
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        body = _once(body, others, dice)
    return body[:300_000]


def _once(body: bytes, others: list[bytes], dice: random.Random) -> bytes:
    start = dice.randrange(len(body) + 1)
    end = min(len(body), start + dice.choice((0, 1, 2, 8, 40, 400)))
    kind = dice.randrange(9)
    if kind == 0:
        return body[:start] + dice.choice(TOKENS) + body[start:]
    if kind == 1:
        return body[:start] + dice.choice(TOKENS) + body[end:]
    if kind == 2:
        return body[:start] + body[end:]
    if kind == 3:
        return body[:start] + dice.randbytes(dice.randrange(1, 5)) + body[end:]
    if kind == 4:
        return body[:end] + body[start:end] * dice.choice((1, 3, 50)) + body[end:]
    if kind == 5:
        other = dice.choice(others)
        cut = dice.randrange(len(other) + 1)
        return body[:start] + other[cut : cut + dice.choice((10, 100, 1000))] + body[end:]
    if kind == 6:
        return body[:start]
    if kind == 7:
        return body[:start] + bytes(byte ^ 1 << dice.randrange(8) for byte in body[start:end]) + body[end:]
    return body.replace(dice.choice(TOKENS[:10]), dice.choice(TOKENS), dice.randrange(1, 4))


def main(runs: int, seed: int) -> int:
    """Runs, and says how many, how long, and what went wrong."""
    dice = random.Random(seed)
    bodies = seeds()
    worst, wrong, kinds = 0.0, 0, dict[str, int]()
    for _ in range(runs):
        body = mutate(dice.choice(bodies), bodies, dice)
        header = dice.choice(HEADERS)
        before = time.process_time()
        try:
            document = read_document(body, content_type=header, base=None, zone=ZONE)
            took = time.process_time() - before
            check(document)
            kind = document.problem.kind.value if document.problem else "none"
            kinds[kind] = kinds.get(kind, 0) + 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            took = time.process_time() - before
            wrong += _keep(body, repr(error))
        if took > SLOW:
            wrong += _keep(body, f"{took:.2f} s")
        worst = max(worst, took)
    shares = ", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))
    print(f"{runs} mutations of {len(bodies)} documents (seed {seed}): {wrong} wrong, worst {worst:.3f} s")
    print(shares)
    return 1 if wrong else 0


def _keep(body: bytes, why: str) -> int:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / hashlib.sha256(body).hexdigest()[:16]
    path.write_bytes(body)
    print(f"{path}: {why}", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
