"""A knock at the heartbeat's address. The operator chose it, so it is not guarded."""

from __future__ import annotations

import os
from collections.abc import Mapping

from threatstamp.config.proxies import ca_context, proxy_for

TIMEOUT = 10.0


def knock(url: str, environ: Mapping[str, str] = os.environ) -> str:
    """Fetches an address and forgets the answer; returns "" or what went wrong, without the address."""
    import httpx2

    try:
        with httpx2.Client(
            proxy=proxy_for(url, environ),
            verify=ca_context(environ) or True,
            timeout=TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            answer = client.get(url)
    except httpx2.HTTPError as error:
        return type(error).__name__
    return "" if answer.status_code < 400 else f"HTTP {answer.status_code}"
