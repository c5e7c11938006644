"""A server of HTTP that ends when it is told to, for what answers on this machine: the sandbox, health."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

import uvicorn

TURNS = 4
"""Of the loop, until a connection that was accepted just now is known and one that was aborted has ended."""


class PromptServer(uvicorn.Server):
    """Ends as soon as `ended` is set: uvicorn looks ten times a second, and then waits for its clients.

    longest: seconds after which a connection is ended whatever it does; None for no limit.
    """

    def __init__(self, config: uvicorn.Config, *, longest: float | None = None) -> None:
        super().__init__(config)
        self.ended = asyncio.Event()
        self._longest = longest

    async def main_loop(self) -> None:
        clock, seen = asyncio.get_running_loop().time, dict[Any, float]()
        while not self.ended.is_set():
            if self._longest is None:
                await self.ended.wait()
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), self._longest / 10)
            seen = {one: seen.get(one, clock()) for one in self.server_state.connections}
            for connection in (one for one, since in seen.items() if clock() - since > self._longest):
                connection.transport.abort()

    def cut(self, client: tuple[str, int]) -> None:
        """Cuts the connection with this address at its other end, whatever is being answered there."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:  # as HTTP/1 has it
                connection.transport.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts nothing more, and ends what was accepted, also the connections that are just being made.

        Python 3.11 leaves those open for ever if the server is closed first.
        """
        for listening in sockets or ():
            asyncio.get_running_loop().remove_reader(listening)
        for _ in range(TURNS):
            await asyncio.sleep(0)
            for connection in list(self.server_state.connections):
                connection.transport.abort()
        for server in self.servers:
            server.close()
