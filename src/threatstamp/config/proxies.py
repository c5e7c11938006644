"""The environment's proxy and certificates: slack_sdk ignores NO_PROXY, so it is decided here."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from threatstamp.config.addresses import is_loopback
from threatstamp.config.secrets import reason_of
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Texts, language_of

_ENTRY = re.compile(r"(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::([0-9]{1,5}))?")


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """Returns the proxy for an address, None to connect directly, as always to this machine."""
    parts = urlsplit(url)
    is_secure = parts.scheme in ("https", "wss")
    host = (parts.hostname or "").rstrip(".")
    if is_loopback(host) or _is_excepted(host, parts.port or (443 if is_secure else 80), environ):
        return None
    name = "HTTPS_PROXY" if is_secure else "HTTP_PROXY"
    proxy = _variable(name, environ) or _variable("ALL_PROXY", environ)
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return (environ.get(name.lower()) or environ.get(name) or "").strip()


def _is_excepted(host: str, port: int, environ: Mapping[str, str]) -> bool:
    entries = _variable("NO_PROXY", environ).lower().replace(",", " ").split()
    return any(_matches(entry, host, port) for entry in entries)


def _matches(entry: str, host: str, port: int) -> bool:
    """True if an entry of NO_PROXY (a host, .suffix, *, network, each with or without a port) means this."""
    if _is_in_network(host, entry):
        return True
    match = _ENTRY.fullmatch(entry)
    if match is None or (match[2] and int(match[2]) != port):
        return False
    name = match[1].strip("[]")
    suffix = name.removeprefix("*").strip(".")
    if name == "*" or _is_in_network(host, name):
        return True
    return bool(suffix) and (host == suffix or host.endswith(f".{suffix}"))


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
        return ssl.create_default_context(cafile=file)
    except ssl.SSLError:  # an OSError, too, but its reason is for programmers
        key, reason = "certificates", ""
    except (OSError, ValueError) as error:
        texts = Texts(language_of(environ))
        key, reason = "unreadable", reason_of(error, texts) if isinstance(error, OSError) else str(error)
    words = Texts(language_of(environ))(f"config.{key}", path=file, reason=reason)
    raise PolicyError((f"SSL_CERT_FILE: {words}",))
