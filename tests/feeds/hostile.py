"""Documents that want too much, made when they are needed. What they cost is counted in tests.feeds.cost."""

from __future__ import annotations

from collections.abc import Callable

_HEAD = '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>x</title>'
_TAIL = "</channel></rss>"
_JSON = '{"version":"https://jsonfeed.org/version/1","title":"x","items":[%s]}'


def _rss(inner: str) -> bytes:
    return f"{_HEAD}<item><title>t</title>{inner}</item>{_TAIL}".encode()


def _titled(title: str) -> bytes:
    """One item, with nothing but this title: of two titles only the first one is read."""
    return f"{_HEAD}<item><title>{title}</title></item>{_TAIL}".encode()


def _laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{"".join(f"&a{n - 1};" for _ in range(10))}">' for n in range(1, 12)
    )
    return f"<!DOCTYPE rss [{entities}]>{_HEAD}<item><title>&a11;</title></item>{_TAIL}".encode()


def _blow_up() -> bytes:
    words = "x" * 100
    return f'<!DOCTYPE rss [<!ENTITY a "{words}">]>{_HEAD}<item><title>{"&a;" * 2_000_000}</title></item>{_TAIL}'.encode()


def _outside() -> bytes:
    return f'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///dev/zero">]>{_HEAD}<item><title>&a;</title></item>{_TAIL}'.encode()


REFUSED: dict[str, Callable[[], bytes]] = {
    "laughs": _laughs,
    "blow_up": _blow_up,
    "outside_entity": _outside,
    "attributes": lambda: _rss("<x " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>"),
    "attributes_loose": lambda: _rss("<x " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>&"),
    "deep": lambda: _rss("<x>" * 200_000 + "</x>" * 200_000),
    "deep_unclosed": lambda: _rss("<x>" * 2_000_000),
    "deep_prefixes": lambda: _rss("".join(f'<x{n}:a xmlns:x{n}="u{n}">' for n in range(100_000))),
    "too_many_bytes": lambda: b"<rss>" + b" " * 10_000_000,
    "many_elements": lambda: _rss("<a/>" * 2_400_000),
    "many_items": lambda: (_HEAD + "<item><title>x</title></item>" * 300_000 + _TAIL).encode(),
    "many_namespaces": lambda: (
        _HEAD + "".join(f'<item xmlns:p{n}="u"><p{n}:a/></item>' for n in range(200_000)) + _TAIL
    ).encode(),
    "json_deep": lambda: (_JSON % ("[" * 2_000_000)).encode(),
    "json_deep_closed": lambda: (_JSON % ("[" * 1_000_000 + "]" * 1_000_000)).encode(),
    "json_objects": lambda: (_JSON % ",".join(["{}"] * 3_000_000)).encode(),
    "json_deep_objects": lambda: (_JSON % ('{"a":' * 1_000_000)).encode(),
    "json_quotes": lambda: (_JSON % ('"\\"' * 300 + '\\"' * 2_000_000 + "[" * 300)).encode(),
    "page": lambda: b"<html>" + b"<p>x</p>" * 1_200_000,
    "words": lambda: b"x " * 4_999_999,
    "zeros": lambda: b"\0" * 9_999_999,
    "noise": lambda: bytes((n * n * 31 + n // 7) % 256 for n in range(1_000_000)) * 9,
    "noise_with_root": lambda: b"<rss>" + bytes((n * n * 31 + n // 7) % 256 for n in range(1_000_000)) * 9,
    "only_less_than": lambda: b"<" * 9_999_999,
    "less_thans_in_words": lambda: _rss("<description>" + "<" * 9_900_000 + "</description>"),
    "less_thans_apart": lambda: _rss("<description>" + "< " * 4_900_000 + "</description>"),
    "tags_cut_off": lambda: _rss("<description>" + "<a" * 4_900_000 + "</description>"),
    "ends_cut_off": lambda: _rss("<description>" + "</" * 4_900_000 + "</description>"),
    "instructions_cut_off": lambda: _rss("<description>" + "<?" * 4_900_000 + "</description>"),
    "instructions": lambda: _rss("<description>&" + "<??>" * 2_400_000 + "</description>"),
    "empty_cdatas": lambda: _rss("<description>&" + "<![CDATA[]]>" * 800_000 + "</description>"),
    "ends_of_nothing": lambda: _rss("<description>&" + "</b>" * 2_400_000 + "</description>"),
    "doctypes": lambda: b"<!DOCTYPE x [" * 700_000,
    "one_sign_makes_all_wide": lambda: _rss("<a/>" * 200_000 + "😀" + "a" * 9_000_000),
    "quotes_in_doctype": lambda: b"<!DOCTYPE x '" + b"\"'" * 4_900_000,
}
"""Up to ten megabytes. Each is refused, or cut, with a problem."""

HEAVY: dict[str, Callable[[], bytes]] = {
    "ampersands": lambda: _rss("<description>" + "&" * 900_000 + "</description>"),
    "less_thans": lambda: _rss("<description>" + "<" * 900_000 + "</description>"),
    "comments": lambda: _rss("<description>" + "<!--" * 220_000 + "</description>"),
    "cdatas": lambda: _rss("<description><![CDATA[</description></item>" * 20_000),
    "cdata_starts": lambda: _rss("<![CDATA[" * 100_000),
    "quotes": lambda: _rss("<description>" + '<a "' * 220_000 + "</description>"),
    "html_quotes": lambda: _rss("<description><![CDATA[<p>" + '<a "' * 220_000 + "]]></description>"),
    "html_tags": lambda: _rss("<description><![CDATA[" + "<p>x</p>" * 110_000 + "]]></description>"),
    "html_comments": lambda: _rss("<description><![CDATA[<p>" + "<!--" * 220_000 + "]]></description>"),
    "html_scripts": lambda: _rss("<description><![CDATA[<p>" + "<script>" * 110_000 + "]]></description>"),
    "html_entities": lambda: _rss("<description><![CDATA[<p>" + "&amp;" * 180_000 + "]]></description>"),
    "html_no_entities": lambda: _rss(
        "<description><![CDATA[<p>" + "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" * 30_000 + "]]></description>"
    ),
    "title_spaces": lambda: _titled(" \n" * 450_000),
    "dates": lambda: (
        _HEAD + f"<item><title>x</title><pubDate>{'1 ' * 49}</pubDate></item>" * 6_000 + _TAIL
    ).encode(),
    "dates_alike": lambda: (
        _HEAD
        + f"<item><title>x</title><pubDate>Tue,{' ' * 40}24 Nov 2026 {'0' * 30}</pubDate></item>" * 6_000
        + _TAIL
    ).encode(),
    "dates_brackets": lambda: (
        _HEAD + f"<item><title>x</title><pubDate>{'(' * 99}</pubDate></item>" * 6_000 + _TAIL
    ).encode(),
    "authors": lambda: (
        _HEAD + f"<item><title>x</title><author>{'a@' * 240}</author></item>" * 1_800 + _TAIL
    ).encode(),
    "authors_names": lambda: (
        _HEAD + f"<item><title>x</title><author>{'a ' * 240}&lt;</author></item>" * 1_800 + _TAIL
    ).encode(),
    "links": lambda: (
        _HEAD + f"<item><title>x</title><link>{'../' * 1300}</link></item>" * 230 + _TAIL
    ).encode(),
    "bases": lambda: (
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        + "<entry xml:base='a/'><id>x</id><link href='b'/></entry>" * 18_000
        + "</feed>"
    ).encode(),
    "unclosed_items": lambda: (_HEAD + "<item><title>x" * 70_000).encode(),
    "unclosed_links": lambda: _rss("<link>" * 150_000),
    "unclosed_items_deep": lambda: (_HEAD + "&<z>" + "<a>" * 185 + "<item/>" * 140_000).encode(),
    "namespaces_deep": lambda: _rss(
        "".join("<a " + " ".join(f'xmlns:b{n}_{m}=""' for m in range(250)) + ">" for n in range(100))
        + '<b xmlns=""/>' * 45_000
    ),
    "accents": lambda: _titled("a" + "\u0301\u0323" * 240_000),
    "accents_to_come_apart": lambda: _titled("a" + "\u0f73\u0344" * 190_000),
    "long_base": lambda: (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/{"a/" * 1985}">'
        + "<entry><id>x</id>"
        + '<link href="b"/>' * 61_000
        + "</entry></feed>"
    ).encode(),
    "long_bases": lambda: (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/{"a/" * 1985}">'
        + "<entry><id>x</id>"
        + '<link xml:base="c/" href="b"/>' * 32_000
        + "</entry></feed>"
    ).encode(),
    "long_link_of_the_channel": lambda: (
        _HEAD
        + f"<link>http://a.example/{'a/' * 1985}</link><item><title>x</title>"
        + f"<link>{'a' * 20}</link>" * 28_000
        + "</item>"
        + _TAIL
    ).encode(),
    "stray_ends": lambda: (_HEAD + "<item>" + "<a>" * 150 + "</b>" * 240_000).encode(),
    "deep_text": lambda: _rss(
        "<description>" + "<a>" * 180 + "x" * 900_000 + "</a>" * 180 + "</description>"
    ),
    "deep_elements": lambda: (
        _HEAD.replace("<rss", '<rss xmlns:sec="http://jvn.jp/rss/mod_sec/"')
        + "<item>"
        + ("<sec:a>" * 150 + "xyz" * 200 + "</sec:a>" * 150) * 350
        + "</item>"
        + _TAIL
    ).encode(),
    "same_ids": lambda: (_HEAD + "<item><guid>1</guid><title>x</title></item>" * 20_000 + _TAIL).encode(),
    "declaration": lambda: b"<?xml " + b"encoding=" * 100_000,
    "xml_starts": lambda: b"<?xml " * 160_000,
    "rss_starts": lambda: b"<rss " * 190_000,
    "prefixes": lambda: (_HEAD + "".join(f"<a{n}:b/>" for n in range(80_000)) + _TAIL).encode(),
    "half_kana": lambda: b"<rss><channel><item><title>" + b"\xb1\xb2" * 450_000,
    "escapes": lambda: b"<rss><channel><item><title>" + b"\x1b$B0!\x1b(B" * 110_000,
    "shift_jis_broken": lambda: (
        b'<?xml version="1.0" encoding="Shift_JIS"?><rss><channel><item><title>' + b"\x83\x41\xff" * 300_000
    ),
    "utf_16_noise": lambda: b"\xff\xfe" + b"<\0r\0s\0s\0>\0" + b"\xd8\xd8" * 450_000,
    "json_strings": lambda: (_JSON % '{"id":"1","title":"%s"}' % ("\\u0041" * 150_000)).encode(),
    "json_items": lambda: (_JSON % ",".join(f'{{"id":"{n}","title":"x"}}' for n in range(38_000))).encode(),
    "json_cut": lambda: (_JSON % ",".join(f'{{"id":"{n}"}}' for n in range(60_000)))[:-2].encode(),
    "json_spaces": lambda: (_JSON % ('{"id":"1"}' + " " * 900_000 + "x")).encode(),
}
"""Up to a megabyte each, made to be slow: read or refused."""
