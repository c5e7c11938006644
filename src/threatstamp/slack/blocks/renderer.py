"""Finds the blocks of a saying by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from threatstamp.core.errors import ContentError, SlackError
from threatstamp.desk.ports.slack import Saying
from threatstamp.slack.blocks.voice import Called, Rendered, RenderedCanvas, Voice

Blocks = Callable[[Any, Voice], Rendered]
"""Makes a message of a saying of one type."""

Canvases = Callable[[Any, Voice, Called], RenderedCanvas]
"""Makes a canvas of a saying of one type."""


class Renderer:
    """Makes messages. blocks: for each type of saying what makes its message."""

    def __init__(
        self,
        voice: Voice,
        blocks: Mapping[type[Saying], Blocks],
        canvases: Mapping[type[Saying], Canvases] = MappingProxyType({}),
    ) -> None:
        """canvases: for each type of saying that fits into a canvas what makes that."""
        self.voice = self._voice = voice
        self._blocks = blocks
        self._canvases = canvases

    @property
    def language(self) -> str:
        return self._voice.texts.language

    def message(self, saying: Saying) -> Rendered:
        """Returns the message. Raises ContentError if none can be made."""
        try:
            return self._blocks[type(saying)](saying, self._voice)
        except Exception as error:
            raise ContentError(type(saying).__name__) from error

    def canvas(self, saying: Saying, called: Called) -> RenderedCanvas:
        """Returns the canvas. Raises ContentError if none can be made."""
        try:
            return self._canvases[type(saying)](saying, self._voice, called)
        except SlackError:  # of looking up a name
            raise
        except Exception as error:
            raise ContentError(type(saying).__name__) from error
