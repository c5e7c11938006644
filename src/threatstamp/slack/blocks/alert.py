"""An alert: what an operator needs to know, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.core.text import escape, quoted
from threatstamp.desk.troubles.alerting import Alert
from threatstamp.slack.blocks.voice import Rendered, Voice, channel_mention

AS_THEY_ARE = frozenset({"error", "head", "sequence"})
"""Values that Slack or the desk made: codes and digests."""


def alert_blocks(saying: Alert, voice: Voice) -> Rendered:
    """Returns the sentence of a trouble, of its end, or of the ledger's head."""
    key = f"slack.alert_{saying.kind}" + ("_fixed" if saying.fixed else "")
    values = dict(saying.values)
    if "reason" in values:
        values["problem"] = voice.texts.told(f"feeds.{values['reason']}", values)
    return voice.plain(voice.texts(key, **_harmless(values)))


def _harmless(values: Mapping[str, str]) -> dict[str, str]:
    """Channels as links, codes as they are, anything else unable to mention or format."""
    return {name: _harmless_value(name, value) for name, value in values.items()}


def _harmless_value(name: str, value: str) -> str:
    if name == "channel":
        return channel_mention(value)
    return escape(value) if name in AS_THEY_ARE else quoted(value)
