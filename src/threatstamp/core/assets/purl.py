"""Package URLs, as far as two of them are compared (https://github.com/package-url/purl-spec)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

LONGEST = 500
"""Characters of a package URL. Longer ones are none."""

_LOWER = frozenset(
    ("bitbucket", "composer", "deb", "github", "npm", "pypi", "rpm", "apk", "golang", "hex", "nuget")
)
"""Types in whose names capitals mean nothing. Of npm and NuGet they do in few old names, and never two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageUrl:
    """A package without qualifiers and subpath. namespace, version: "" for none."""

    type: str
    namespace: str
    name: str
    version: str

    def is_same(self, other: PackageUrl) -> bool:
        """True for the same package, whatever the versions."""
        mine = self.type, self.namespace, self.name
        return mine == (other.type, other.namespace, other.name)


@lru_cache(maxsize=4096)
def purl_of(text: str) -> PackageUrl | None:
    """Returns the package that a text is the URL of; None for any other text."""
    text = text.strip()
    scheme, _, rest = text.partition(":")
    if scheme.lower() != "pkg" or len(text) > LONGEST:
        return None
    path = re.split(r"[?#]", rest, maxsplit=1)[0].strip("/")
    type_, _, path = path.partition("/")
    path, version = _versioned(path)
    *spaces, name = (unquote(one) for one in path.split("/") if one) if path.strip("/") else ("",)
    if not name or not re.fullmatch(r"[A-Za-z][A-Za-z0-9.+-]*", type_):
        return None
    type_, namespace = type_.lower(), "/".join(spaces)
    if type_ in _LOWER:
        name, namespace = name.lower(), namespace.lower()
    if type_ == "pypi":
        name = re.sub(r"[-_.]+", "-", name)
    return PackageUrl(type=type_, namespace=namespace, name=name, version=unquote(version))


def _versioned(path: str) -> tuple[str, str]:
    """Returns path and version. A scope's own sign at the beginning is no version: "@angular/core"."""
    at = path.rfind("@")
    is_version = at > 0 and path[at - 1] != "/" and "/" not in path[at:]
    return (path[:at], path[at + 1 :]) if is_version else (path, "")
