"""What went wrong on the way to a feed, as a problem of the feed."""

from __future__ import annotations

from threatstamp.core.news.feed import Problem, Reason
from threatstamp.http.errors import ExchangeError, Fault

REASONS = {
    Fault.ADDRESS_WRONG: Reason.ADDRESS_WRONG,
    Fault.SCHEME_UNKNOWN: Reason.ADDRESS_SCHEME,
    Fault.CREDENTIALS_IN_REDIRECT: Reason.ADDRESS_CREDENTIALS,
    Fault.NOT_PUBLIC: Reason.ADDRESS_NOT_PUBLIC,
    Fault.UNSENDABLE: Reason.ADDRESS_WRONG,
    Fault.TIMEOUT: Reason.TIMEOUT,
    Fault.NAME_UNKNOWN: Reason.NETWORK_NAME,
    Fault.REFUSED: Reason.NETWORK_REFUSED,
    Fault.UNREACHABLE: Reason.NETWORK_UNREACHABLE,
    Fault.CERTIFICATE: Reason.NETWORK_CERTIFICATE,
    Fault.TLS: Reason.NETWORK_TLS,
    Fault.CUT: Reason.NETWORK_CUT,
    Fault.PROTOCOL: Reason.NETWORK_PROTOCOL,
    Fault.PROXY_WRONG: Reason.NETWORK_PROXY_WRONG,
    Fault.PROXY_UNKNOWN: Reason.NETWORK_PROXY_UNKNOWN,
    Fault.PROXY_REFUSED: Reason.NETWORK_PROXY_REFUSED,
    Fault.PROXY_AUTHENTICATION: Reason.NETWORK_PROXY_AUTHENTICATION,
    Fault.TOO_MANY_REDIRECTS: Reason.HTTP_REDIRECTS,
    Fault.REDIRECT_TO_NOWHERE: Reason.HTTP_NOWHERE,
    Fault.HEAD_TOO_LARGE: Reason.ANSWER_HEAD,
    Fault.BODY_TOO_LARGE: Reason.ANSWER_TOO_LARGE,
    Fault.TOO_MUCH_SENT: Reason.ANSWER_TOO_MUCH,
    Fault.ENCODING_UNKNOWN: Reason.ANSWER_ENCODING_UNKNOWN,
    Fault.ENCODING_BROKEN: Reason.ANSWER_ENCODING_BROKEN,
    Fault.PART_WRONG: Reason.NETWORK_PROTOCOL,
}
"""Every fault has its reason; the values that come with it are those of the reason's sentence."""


def problem_of(error: ExchangeError) -> Problem:
    """Returns what a feed's state and its readers are told of an exchange that failed."""
    return Problem(reason=REASONS[error.fault], values=error.values)
