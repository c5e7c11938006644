"""A JVNRSS document of any length, made up: for measuring, and for feeds that are longer than real ones."""

from __future__ import annotations

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:sec="http://jvn.jp/rss/mod_sec/" xml:lang="ja">
<channel rdf:about="https://db.example/rss"><title>架空の脆弱性データベース</title>
<link>https://db.example/</link><description>新着</description></channel>
"""
_ITEM = """<item rdf:about="https://db.example/ja/contents/2026/DB-2026-{n:06d}.html">
 <title>架空製品 {n} における任意のコードが実行可能な脆弱性</title>
 <link>https://db.example/ja/contents/2026/DB-2026-{n:06d}.html</link>
 <description>架空製品には、入力値の検証不備に起因して任意のコードを実行される脆弱性があります。&#13;
影響を受けるのは 1.2.3 以前です。</description>
 <sec:identifier>DB-2026-{n:06d}</sec:identifier>
 <sec:references source="CVE" id="CVE-2026-{n:06d}">https://cve.example/CVE-2026-{n:06d}</sec:references>
 <sec:references source="NVD" id="CVE-2026-{n:06d}">https://nvd.example/CVE-2026-{n:06d}</sec:references>
 <sec:references source="関連文書" id="vendor">https://vendor.example/advisory/{n}</sec:references>
 <sec:references title="不適切な入力確認(CWE-20)" id="CWE-20">https://cwe.example/20</sec:references>
 <sec:cpe version="2.2" vendor="架空社" product="架空製品">cpe:/a:kakuu:product_{n}</sec:cpe>
 <sec:cvss version="2.0" score="9.3" type="Base" severity="High" vector="AV:N/AC:M/Au:N/C:C/I:C/A:C"/>
 <sec:cvss version="3.0" score="9.8" type="Base" severity="Critical"
  vector="CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"/>
 <dc:date>2026-11-15T10:24+09:00</dc:date>
 <dcterms:issued>2026-11-14T16:37+09:00</dcterms:issued>
 <dcterms:modified>2026-11-15T10:24+09:00</dcterms:modified>
</item>
"""


def make_jvnrss(count: int, *, first: int = 1) -> bytes:
    """Returns a document with so many entries from a number on, about 1.5 KB each."""
    numbers = range(first, first + count)
    return (_HEAD + "".join(_ITEM.format(n=n) for n in numbers) + "</rdf:RDF>\n").encode()
