"""The environment's proxy and certificates: slack_sdk ignores NO_PROXY, so it is decided here."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from threatstamp.core.errors import PolicyError


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """Returns the proxy for an address, None for a direct way."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if _is_excepted(host, port, _variable("NO_PROXY", environ)):
        return None
    scheme = "HTTPS_PROXY" if parts.scheme in ("https", "wss") else "HTTP_PROXY"
    return _variable(scheme, environ) or _variable("ALL_PROXY", environ) or None


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return (environ.get(name.lower()) or environ.get(name) or "").strip()


def _is_excepted(host: str, port: int, exceptions: str) -> bool:
    for entry in (part.strip().lower() for part in exceptions.replace(",", " ").split()):
        name, _, wanted = entry.rpartition(":") if _has_port(entry) else (entry, "", "")
        if wanted and int(wanted) != port:
            continue
        if name == "*" or _is_in_network(host, name):
            return True
        suffix = name.removeprefix("*").removeprefix(".")
        if suffix and (host == suffix or host.endswith(f".{suffix}")):
            return True
    return False


def _has_port(entry: str) -> bool:
    return entry.count(":") == 1 and entry.rpartition(":")[2].isdigit()


def _is_in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def ca_context(environ: Mapping[str, str]) -> ssl.SSLContext | None:
    """Returns a context with the certificates of SSL_CERT_FILE; None for the system's own.

    Raises PolicyError naming the file if it cannot be used.
    """
    file = environ.get("SSL_CERT_FILE", "").strip()
    if not file:
        return None
    try:
        return ssl.create_default_context(cafile=str(Path(file)))
    except (OSError, ssl.SSLError) as error:
        raise PolicyError((f"SSL_CERT_FILE: {file}: {error.strerror or error}",)) from error
