"""The guard: public addresses pass, whatever form the others hide in."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.guard import is_public, literal, read_guard
from threatstamp.http.target import read_location, read_target

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
    "2001:db8::1", "2001:10::1", "2001:20::1", "2002:7f00:1::", "2002:0808:0808::1", "3fff::1", "5f00::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2400::5efe:7f00:1", "2400::200:5efe:a00:1",
]  # fmt: skip
PUBLIC = ["1.2.3.4", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.254",
          "2400::1", "2a00::5efe", "::ffff:1.2.3.4", "64:ff9b::102:304"]  # fmt: skip


@pytest.mark.parametrize("said", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet_is_refused(said: str) -> None:
    assert not is_public(ipaddress.ip_address(said))
    assert not read_guard([]).permits(ipaddress.ip_address(said))


@pytest.mark.parametrize("said", PUBLIC)
def test_public_addresses_pass(said: str) -> None:
    assert read_guard([]).permits(ipaddress.ip_address(said))


def test_an_allowed_network_passes_also_in_its_mapped_form() -> None:
    guard = read_guard(["10.1.0.0/16", "fd00::/8"])
    for said in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::1"):
        assert guard.permits(ipaddress.ip_address(said))
        assert not guard.permits(ipaddress.ip_address(said), only_public=True)
    assert not guard.permits(ipaddress.ip_address("10.2.0.1"))


@given(st.integers(0, 2**32 - 1))
def test_what_python_knows_as_private_is_never_public(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    if address.is_private or address.is_multicast or address.is_reserved:
        assert not is_public(address)
    assert is_public(ipaddress.IPv6Address(0xFFFF00000000 | number)) == is_public(address)


@pytest.mark.parametrize(
    "said",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1."],
)
def test_every_way_of_writing_an_address_is_seen_as_that_address(said: str) -> None:
    assert literal(said) == ipaddress.ip_address("127.0.0.1")


def test_a_name_is_no_address() -> None:
    assert literal("feeds.example.com") is None
    assert literal("1.example") is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("file:///etc/passwd", Fault.SCHEME_UNKNOWN),
        ("ftp://example.com/feed", Fault.SCHEME_UNKNOWN),
        ("gopher://example.com/", Fault.SCHEME_UNKNOWN),
        ("javascript:alert(1)", Fault.SCHEME_UNKNOWN),
        ("/feed", Fault.SCHEME_UNKNOWN),
        ("", Fault.SCHEME_UNKNOWN),
        ("http://", Fault.ADDRESS_WRONG),
        ("http:///feed", Fault.ADDRESS_WRONG),
        ("http://[::1%25eth0]/", Fault.ADDRESS_WRONG),
        ("http://[fe80::1%eth0]/", Fault.ADDRESS_WRONG),
        ("http://exa mple.com/", Fault.ADDRESS_WRONG),
        ("http://exa%6dple.com/", Fault.ADDRESS_WRONG),
        ("http://example.com:0/", Fault.ADDRESS_WRONG),
        ("http://example.com:70000/", Fault.ADDRESS_WRONG),
        ("http://example.com\\@127.0.0.1/", Fault.ADDRESS_WRONG),
        ("http://example.com/\r\nX: y", Fault.ADDRESS_WRONG),
        ("http://" + "a" * 64 + ".example.com/", Fault.ADDRESS_WRONG),
        ("http://example.com/" + "a" * 5_000, Fault.ADDRESS_WRONG),
        ("http://１２７.０.０.１/", Fault.ADDRESS_WRONG),
        ("http://\ud800.example.com/", Fault.ADDRESS_WRONG),
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_not_asked(url: str, fault: Fault) -> None:
    with pytest.raises(ExchangeError) as caught:
        read_target(url)
    assert caught.value.fault == fault


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_problem(said: str) -> None:
    for text in (said, f"http://{said}", f"http://example.com/{said}", f"http://example.com:{said}"):
        try:
            target = read_target(text)
        except ExchangeError:
            continue
        target.name.encode("ascii")
        assert target.scheme in ("http", "https")
        assert not set(target.path) & set(b" \r\n")


def test_an_address_is_taken_apart() -> None:
    target = read_target("HTTPS://Feeds.Example.com:8443/a b?ｑ=1#part")
    assert (target.scheme, target.host, target.port) == ("https", "feeds.example.com", 8443)
    assert target.path == b"/a%20b?%EF%BD%91=1"
    assert target.url == "https://feeds.example.com:8443/a%20b?%EF%BD%91=1"
    assert target.name == "feeds.example.com:8443"
    assert read_target("http://例え.example.jp/").host == "xn--r8jz45g.example.jp"
    assert read_target("http://[2400::1]:81/").name == "[2400::1]:81"


def test_credentials_become_a_header_and_leave_the_address() -> None:
    target = read_target("https://reader:s%40fe@example.com/feed")
    assert target.url == "https://example.com/feed"
    assert target.authorization == "Basic cmVhZGVyOnNAZmU="


def test_a_redirect_with_credentials_is_refused() -> None:
    with pytest.raises(ExchangeError) as caught:
        read_location("https://a:b@example.com/", read_target("https://example.com/"))
    assert caught.value.fault is Fault.CREDENTIALS_IN_REDIRECT
