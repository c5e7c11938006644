"""The feeds' servers, in a process of their own: so many publishers on loopback addresses, one port.

Four feeds a host: our fetcher asks a host for one document at a time, as it does outside. The others go by
the list and ask the very same addresses. What is to be served is said on standard input:
`<edition> <with validators: 0 or 1> <delay in seconds>`.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
import threading
import time
from email.utils import formatdate
from html import escape

PER_HOST = 4
MOST_HOSTS = 250
ENTRIES = 20

_JA = """脆弱性 攻撃者 任意のコード 更新プログラム 認証回避 製品 影響を受ける 悪用が確認 ランサムウェア 委託先
情報漏えい 注意喚起 遠隔 管理画面 設定不備 早期に適用 公開された 調査によると 国内企業 標的型攻撃 フィッシング
暗号化 復旧 不正アクセス 個人情報 回避策 バージョン 第三者"""
_EN = """vulnerability attackers arbitrary code update authentication bypass product affected exploited
ransomware supplier breach advisory remote console misconfiguration patch researchers company targeted
phishing encryption recovery unauthorised access personal data workaround version"""
_WORDS = {"ja": _JA.split(), "en": _EN.split()}


def hosts(count: int) -> list[str]:
    """Returns the addresses that so many feeds are spread over."""
    return [f"127.0.0.{number + 1}" for number in range(min(MOST_HOSTS, -(-count // PER_HOST)))]


def addresses(count: int, port: int) -> list[str]:
    """Returns the feeds' addresses: neighbours in the list are on different hosts."""
    places = hosts(count)
    return [f"http://{places[n % len(places)]}:{port}/feed/{n}.rss" for n in range(count)]


def document(number: int, *, edition: int, now: float) -> bytes:
    """Returns a feed as publishers write it: each edition has one entry more than the one before."""
    language = "ja" if number % 2 else "en"
    items = "".join(
        _item(number, entry, language, now) for entry in range(ENTRIES + edition - 1, edition - 1, -1)
    )
    title = f"架空ニュース {number}" if language == "ja" else f"Invented News {number}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{title}</title>'
        f"<link>https://news{number}.example/</link><description>{title}</description>"
        f"<language>{language}</language>\n{items}</channel></rss>\n"
    ).encode()


def _item(number: int, entry: int, language: str, now: float) -> str:
    chance = random.Random(number * 1_000 + entry)
    words = _WORDS[language]
    gap = "" if language == "ja" else " "

    def text(count: int) -> str:
        return gap.join(chance.choices(words, k=count))

    link = f"https://news{number}.example/articles/2026/{entry:05d}?utm_source=rss&utm_medium=feed"
    body = f'<p>{text(9)}。<a href="{link}">{text(3)}</a></p><p>{text(9)} &amp; {text(7)}</p>'
    return (
        f"<item><title>{text(6)} {entry}</title><link>{escape(link)}</link>"
        f'<guid isPermaLink="false">tag:news{number}.example,2026:{entry}</guid>'
        f"<pubDate>{formatdate(now - (ENTRIES - entry) * 3_600)}</pubDate><dc:creator>{text(1)}</dc:creator>"
        f"<category>{text(1)}</category><category>{text(1)}</category>"
        f"<description>{escape(body)}</description></item>\n"
    )


class Publishers:
    """What is served now. The answers lie ready: the server's own work is small, and the same for all."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.delay = 0.0
        self.asked = 0
        self._now = time.time()
        self._answers: list[tuple[bytes, bytes, bytes]] = []

    def serve(self, edition: int, *, validators: bool) -> int:
        """Makes the answers of an edition ready; returns the bytes of all documents."""
        total, made = 0, []
        for number in range(self.count):
            body = document(number, edition=edition, now=self._now)
            total += len(body)
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"' if validators else ""
            said = f"ETag: {etag}\r\n" if etag else ""
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=UTF-8\r\n"
                f"{said}Content-Length: {len(body)}\r\n\r\n"
            )
            known = f"HTTP/1.1 304 Not Modified\r\n{said}\r\n"
            made.append((etag.encode(), head.encode() + body, known.encode()))
        self._answers = made
        return total

    def answer(self, head: bytes) -> bytes:
        """Returns the answer to a request."""
        self.asked += 1
        number = int(head[head.index(b"/feed/") + 6 : head.index(b".rss")])
        etag, whole, known = self._answers[number]
        return known if etag and etag in head else whole


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, publishers: Publishers) -> None:
        self._publishers = publishers
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while b"\r\n\r\n" in self._held:
            head, _, self._held = self._held.partition(b"\r\n\r\n")
            delay = self._publishers.delay
            if delay:
                asyncio.get_running_loop().call_later(delay, self._say, head)
            else:
                self._say(head)

    def _say(self, head: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(self._publishers.answer(head))
        if b"connection: close" in head.lower():
            transport.close()


async def _serve(count: int) -> None:
    publishers = Publishers(count)
    loop = asyncio.get_running_loop()
    first = await loop.create_server(lambda: _Line(publishers), "127.0.0.1", 0, backlog=1024)
    port = first.sockets[0].getsockname()[1]
    await loop.create_server(lambda: _Line(publishers), hosts(count)[1:], port, backlog=1024)
    ended = asyncio.Event()

    def listen() -> None:
        for line in sys.stdin:
            edition, validators, delay = line.split()
            size = publishers.serve(int(edition), validators=validators == "1")
            publishers.delay = float(delay)
            print(size // count, publishers.asked, flush=True)
        loop.call_soon_threadsafe(ended.set)

    print(port, flush=True)
    threading.Thread(target=listen, daemon=True).start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
