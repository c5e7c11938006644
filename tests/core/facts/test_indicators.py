"""Indicators are found in reports and never in what only looks like one; none can be clicked on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.facts.indicators import indicators_in

MD5, SHA1, SHA256 = "0123456789abcdef" * 2, "0123456789abcdef0123" * 2, "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # defanged: always
        ("C2は evil[.]example です", ["domain evil[.]example"]),
        ("evil(.)example、evil{.}test、evil[dot]example、bad[.example", ["domain evil[.]example", "domain evil[.]test", "domain bad[.]example"]),
        ("hxxps://evil.example/a?b=1#c。", ["url hxxps://evil[.]example/a?b=1#c"]),
        ("hxxp[:]//EVIL[.]example:8080/a.php", ["url hxxp://evil[.]example:8080/a.php"]),
        ("https[://]evil[.]example/x（偽サイト）", ["url hxxps://evil[.]example/x"]),
        ("h**ps://evil.example", ["url hxxps://evil[.]example"]),
        ("(see hxxp://evil[.]example/a).", ["url hxxp://evil[.]example/a"]),
        ("203[.]0[.]113[.]5から", ["ipv4 203[.]0[.]113[.]5"]),
        ("203.0.113[.]5:8443", ["ipv4 203[.]0[.]113[.]5"]),
        ("203.0.113[.]0/24", ["ipv4 203[.]0[.]113[.]0/24"]),
        ("2001[:]db8[:]:1", ["ipv6 2001[:]db8[:][:]1"]),
        ("contact bad[at]evil[.]example", ["email bad[@]evil[.]example"]),
        ("ｈｘｘｐ：／／ｅｖｉｌ［．］ｅｘａｍｐｌｅ", ["url hxxp://evil[.]example"]),
        ("サーバーevil[.]exampleへ", ["domain evil[.]example"]),
        ("xn--zckzah[.]xn--zckzah", ["domain xn--zckzah[.]xn--zckzah"]),
        ("evil[.]zip", ["domain evil[.]zip"]),
        ("7[.]4[.]3 と 999[.]1[.]1[.]1", []),  # neither name nor address
        # digests
        (f"MD5: {MD5.upper()}", [f"md5 {MD5}"]),
        (f"{SHA1}\n{SHA256}", [f"sha1 {SHA1}", f"sha256 {SHA256}"]),
        (f"x{MD5} {MD5}0 {'1' * 32}", []),
        (f"fixed in commit {SHA1}", []),
        (f"https://code.example/a/commit/{SHA1}", []),
        # as usual: only where the words say so
        ("C2: evil.example, bad.example and 203.0.113.5", ["domain evil[.]example", "domain bad[.]example", "ipv4 203[.]0[.]113[.]5"]),
        ("フィッシングサイトは https://bank.example.test/login です", ["url hxxps://bank[.]example[.]test/login"]),
        ("フィッシングサイトにご注意ください。詳細は https://www.antiphishing.example/news", []),
        ("不正なサイトの詳細はこちら https://news.example/1", []),
        ("通信先IPアドレス 203.0.113.5、198.51.100.7", ["ipv4 203[.]0[.]113[.]5", "ipv4 198[.]51[.]100[.]7"]),
        ("Attacks from 203.0.113.5 continue", ["ipv4 203[.]0[.]113[.]5"]),
        ("通信先 2001:db8::1", ["ipv6 2001[:]db8[:][:]1"]),
        ("https://news.example/1 と www.jpcert.or.jp と info@news.example", []),
        # versions, files, names and times are none
        ("FortiOS 7.4.3、Chrome 126.0.6478.114、製品 1.2.3.4 を公開", []),
        ("IPサーバのバージョン 1.2.3.4 以前、IP Phone 10.2.1.3以前", []),
        ("malicious setup.exe, evil.js, payload.zip, ASP.NET, Node.js, script.sh", []),
        ("IP 12:34:56、00:11:22:33:44:55、std::string、abc::def", []),
        ("CVE-2026-1234 in example.com products", []),
        ("", []),
    ],
)  # fmt: skip
def test_indicators_are_found_defanged_and_nothing_else(text: str, expected: list[str]) -> None:
    assert [f"{one.kind} {one.value}" for one in indicators_in(text)] == expected


@given(st.text(alphabet="htps:/x[.]()@ae1example.com0 C2\n"))
def test_nothing_that_is_found_can_be_clicked_on(text: str) -> None:
    for one in indicators_in(text):
        assert "http" not in one.value.partition("[.]")[0]
        host = one.value.partition("://")[2].partition("/")[0] or one.value.partition("/")[0]
        assert "." not in host.replace("[.]", "")


def test_a_text_full_of_addresses_is_read_up_to_a_limit() -> None:
    assert len(indicators_in(" ".join(f"evil{number}[.]example" for number in range(1_000)))) == 200


@pytest.mark.parametrize(
    "part", ["a", "a.", "a[.]", "[.", "0:", "[:]", "C2 ", "http://", "hxxp://a.", "a@", "1.1.1.", "-", "(at)", "f" * 31 + " "]
)  # fmt: skip
def test_a_hostile_text_is_read_in_one_go(part: str) -> None:
    indicators_in(part * (200_000 // len(part)))
