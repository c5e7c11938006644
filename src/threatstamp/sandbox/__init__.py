"""A Slack-compatible workspace in one process, for trying the desk and for testing it.

Written from Slack's documented behaviour; it knows nothing of the desk's own Slack client.
"""

from __future__ import annotations

from threatstamp.sandbox.server import Sandbox, serve
from threatstamp.sandbox.workspace import SandboxWorkspace

__all__ = ["Sandbox", "SandboxWorkspace", "serve"]
