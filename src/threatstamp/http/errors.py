"""What can go wrong on the way to an answer, and how far a question got."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from threatstamp.core.errors import DeskError


class Fault(StrEnum):
    """Why there is no answer, or not a whole one. Beside each: the values that come with it."""

    ADDRESS_WRONG = "address_wrong"
    SCHEME_UNKNOWN = "scheme_unknown"  # scheme
    CREDENTIALS_IN_REDIRECT = "credentials_in_redirect"  # host
    NOT_PUBLIC = "not_public"  # host
    UNSENDABLE = "unsendable"

    TIMEOUT = "timeout"
    NAME_UNKNOWN = "name_unknown"  # host
    REFUSED = "refused"  # host
    UNREACHABLE = "unreachable"  # host
    CERTIFICATE = "certificate"  # host
    TLS = "tls"  # host
    CUT = "cut"
    PROTOCOL = "protocol"  # host

    PROXY_WRONG = "proxy_wrong"
    PROXY_UNKNOWN = "proxy_unknown"  # scheme
    PROXY_REFUSED = "proxy_refused"
    PROXY_AUTHENTICATION = "proxy_authentication"

    TOO_MANY_REDIRECTS = "too_many_redirects"  # most
    REDIRECT_TO_NOWHERE = "redirect_to_nowhere"  # status

    HEAD_TOO_LARGE = "head_too_large"
    BODY_TOO_LARGE = "body_too_large"  # most
    TOO_MUCH_SENT = "too_much_sent"
    ENCODING_UNKNOWN = "encoding_unknown"  # encoding
    ENCODING_BROKEN = "encoding_broken"  # encoding
    PART_WRONG = "part_wrong"  # host


class ExchangeError(DeskError):
    """An address could not be asked, or its answer could not be used.

    is_sent: the server may have got the question, at least in part; if not, nothing was done there.
    received: bytes of the body that were taken before, unpacked. headers: those of the answer that broke off,
    for its ETag; empty if none came.
    """

    def __init__(self, fault: Fault, **values: str | int) -> None:
        super().__init__(fault)
        self.fault = fault
        self.values = values
        self.is_sent = False
        self.received = 0
        self.headers: Mapping[str, str] = {}


class StoppedError(DeskError):
    """The client was closed while it waited; nothing is known about the address, nor what it did."""
