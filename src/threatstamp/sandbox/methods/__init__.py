"""The methods of the Web API, a file a family."""

from threatstamp.sandbox.methods import chat, conversations, people, reactions, team

__all__ = ["chat", "conversations", "people", "reactions", "team"]
