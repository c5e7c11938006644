"""Which addresses may be called: public ones, and those in networks that the file allows."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

EVERYWHERE: tuple[Network, ...] = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))
"""Allows every network, for addresses that the operator chose."""

Resolve = Callable[[str, int], list[str]]
"""The addresses of a name, the best first. Raises OSError where there are none."""

# IANA's special-purpose address registries (RFC 6890 and its updates,
# https://www.iana.org/assignments/iana-ipv4-special-registry). Python's own is_global differs between
# 3.11 and 3.13.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(said)
    for said in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(said)
    for said in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4 leads wherever the embedded address says
        "3fff::/20",
    )
)
_HOLDS_4 = tuple(ipaddress.IPv6Network(said) for said in ("::ffff:0:0/96", "64:ff9b::/96"))
_ISATAP = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Decides about an address. allowed: networks that may be called although they are not public."""

    allowed: tuple[Network, ...] = ()

    @property
    def permits_all(self) -> bool:
        return set(EVERYWHERE) <= set(self.allowed)

    def permits(self, address: Address, *, only_public: bool = False) -> bool:
        """True if an address may be called. only_public: what the file allows does not count."""
        address = _meant(address)
        if is_public(address):
            return True
        return not only_public and any(address in network for network in self.allowed)


def read_guard(allowed: Iterable[str | Network]) -> Guard:
    """Returns a guard that lets pass what is public or in a network of these."""
    return Guard(allowed=tuple(ipaddress.ip_network(str(said), strict=False) for said in allowed))


def is_public(address: Address) -> bool:
    """True for an address of the public internet, whatever it is wrapped in."""
    address = _meant(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address not in _PUBLIC_6 or any(address in network for network in _NOT_PUBLIC_6):
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP


def _meant(address: Address) -> Address:
    """Returns the IPv4 address that an IPv4-mapped or NAT64 one leads to; any other as it is."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _HOLDS_4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def known(host: str) -> list[Address]:
    """Returns the addresses of a host that need no name server: its own, or this machine's (RFC 6761)."""
    said = literal(host)
    if said is None and f".{host.rstrip('.').lower()}".endswith(".localhost"):
        return [ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1")]
    return [] if said is None else [said]


def literal(host: str) -> Address | None:
    """Returns the address that a host says itself, also as the C library takes it: 0x7f.1, 2130706433."""
    host = host.rstrip(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def system_resolve(host: str, port: int) -> list[str]:
    """Returns a name's addresses by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
