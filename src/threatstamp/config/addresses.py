"""Addresses in the file: that of the database, and those that the desk connects to."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

SQLITE = "sqlite:///"


def database_address(said: str, folder: Path) -> str | None:
    """Returns the database's address, a relative file made absolute from the folder; None for a wrong one."""
    if said.startswith(SQLITE):
        name = said.removeprefix(SQLITE)
        is_file = bool(name) and name[0] not in ":?" and name[-1] != "/" and name.isprintable()
        path = str((folder / name).absolute()).replace("%", "%25").replace("?", "%3F")
        return f"{SQLITE}{path}" if is_file else None
    parts = _split(said)
    if parts is None or parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        return None
    return "postgresql" + said[len(parts.scheme) :]


def is_guarded(address: str) -> bool:
    """True for https, and for http to this machine."""
    parts = _split(address)
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def is_local_http(address: str) -> bool:
    """True for http to this machine."""
    return is_guarded(address) and address.lower().startswith("http:")


def is_web(address: str) -> bool:
    """True for an http or https address without a name and password in it."""
    parts = _split(address)
    if parts is None or parts.scheme not in ("http", "https"):
        return False
    return bool(parts.hostname) and parts.username is None and parts.password is None


def is_base(address: str) -> bool:
    """True for a guarded address that a method's name can be added to."""
    return is_guarded(address) and "?" not in address and "#" not in address


def listen_place(said: str) -> tuple[str, int] | None:
    """Returns the address and port of "127.0.0.1:3000", "[::1]:3000", or of a port alone: on this machine.

    None for anything else, names too: they could mean several addresses. Port 0 is any that is free.
    """
    host, _, port = said.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    try:
        address = str(ipaddress.ip_address("127.0.0.1" if host.lower() == "localhost" else host))
    except ValueError:
        return None
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    return (address, int(port)) if is_port else None


def is_loopback(host: str) -> bool:
    """True for a name or an address of this machine."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(address: str) -> SplitResult | None:
    """Returns an address's parts; None where it is none, or holds a port or sign that cannot be."""
    if not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts
