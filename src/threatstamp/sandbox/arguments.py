"""Which arguments a method takes: what is not known is an error, so that no typing mistake passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace

Answer = dict[str, object]
Act = Callable[["SandboxWorkspace", "Arguments"], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiMethod:
    """A method of the Web API. scopes: any one of them will do; app_token: it needs that kind of token."""

    name: str
    act: Act
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    app_token: bool = False


METHODS: dict[str, ApiMethod] = {}


def method(
    name: str,
    *,
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    scopes: tuple[str, ...] = (),
    app_token: bool = False,
) -> Callable[[Act], Act]:
    """Registers a function as a method of the Web API."""

    def register(act: Act) -> Act:
        METHODS[name] = ApiMethod(
            name=name, act=act, required=required, optional=optional, scopes=scopes, app_token=app_token
        )
        return act

    return register


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call's arguments, as JSON or as a form brought them."""

    values: Mapping[str, object] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name, default)
        return value in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            raise RefusedError("invalid_arguments") from None

    def json(self, name: str) -> object:
        """Returns a value that a form carries as JSON text."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value


def check(found: ApiMethod, values: Mapping[str, object]) -> Arguments:
    """Returns the arguments. Raises RefusedError naming each that is missing or not known."""
    known = {*found.required, *found.optional, "token"}
    messages = [f"[ERROR] unknown argument: {name}" for name in values if name not in known]
    messages += [
        f"[ERROR] missing required field: {name}" for name in found.required if values.get(name) in (None, "")
    ]
    if messages:
        raise RefusedError("invalid_arguments", response_metadata={"messages": messages})
    return Arguments(values)
