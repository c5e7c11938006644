"""An alert: what an operator needs to know, in a sentence. Names in it can be copied into the settings."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.core.text import escape
from threatstamp.desk.troubles.alerting import Alert
from threatstamp.slack.blocks.voice import Rendered, Voice, as_code, channel_mention, copyable
from threatstamp.texts.codes import say_code

AS_THEY_ARE = frozenset({"head", "sequence"})
"""Values that the desk made."""


def alert_blocks(saying: Alert, voice: Voice) -> Rendered:
    """Returns the sentence of a trouble, of its end, or of the ledger's head."""
    key = f"slack.alert_{saying.kind}" + ("_fixed" if saying.fixed else "")
    values = {name: _harmless(name, value) for name, value in saying.values.items()}
    if "error" in saying.values:
        values["error"] = escape(say_code(voice.texts, saying.values["error"]))
    if "reason" in saying.values:
        values["problem"] = _feed_problem(saying.values, voice)
    return voice.plain(voice.texts(key, **values))


def _feed_problem(values: Mapping[str, str], voice: Voice) -> str:
    """Returns the sentence about a feed's problem. Names of settings in it are ours, and stay as they are."""
    clean = {name: value if value.isdecimal() else as_code(value) for name, value in values.items()}
    return escape(voice.texts.told(f"feeds.{values['reason']}", clean))


def _harmless(name: str, value: str) -> str:
    """Channels as links, codes as they are, anything else unable to mention or format."""
    if name == "channel":
        return channel_mention(value)
    if name == "problem":  # of the settings file: a line for each, with names as they are written there
        return "\n".join(escape(as_code(line)) for line in value.splitlines() if line.strip())
    return escape(value) if name in AS_THEY_ARE else copyable(value)
