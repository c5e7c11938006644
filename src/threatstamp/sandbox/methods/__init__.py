"""The methods of the Web API, a file a family."""

from threatstamp.sandbox.methods import canvases, chat, conversations, people, pins, reactions, team, views

__all__ = ["canvases", "chat", "conversations", "people", "pins", "reactions", "team", "views"]
