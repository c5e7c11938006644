"""Finds the blocks of a saying by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from threatstamp.core.errors import ContentError
from threatstamp.desk.ports.slack import Saying
from threatstamp.slack.blocks.voice import Rendered, Voice

Blocks = Callable[[Any, Voice], Rendered]
"""Makes a message of a saying of one type."""


class Renderer:
    """Makes messages. blocks: for each type of saying what makes its message."""

    def __init__(self, voice: Voice, blocks: Mapping[type[Saying], Blocks]) -> None:
        self._voice = voice
        self._blocks = blocks

    def message(self, saying: Saying) -> Rendered:
        """Returns the message. Raises ContentError if none can be made."""
        try:
            return self._blocks[type(saying)](saying, self._voice)
        except Exception as error:
            raise ContentError(type(saying).__name__) from error
