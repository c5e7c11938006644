"""The file is read again when it changes; a wrong one is reported once and changes nothing."""

from __future__ import annotations

from pathlib import Path

from threatstamp.config.settings import Settings, lists_of, read_settings
from threatstamp.core.errors import PolicyError

FileStates = tuple[tuple[int, ...] | None, ...]


class SettingsWatch:
    """Looks at the files that settings came from. Cheap enough for every few seconds."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.path
        self._watched = settings.watched
        self._digest = settings.digest
        self._said: tuple[str, ...] = ()
        self._seen: FileStates | None = None
        """As the files were before they were last read; nothing at first: they may have changed since."""
        self._missed = False

    def poll(self) -> Settings | PolicyError | None:
        """Returns new settings, what is wrong with the changed file, or None if there is nothing new."""
        states = tuple(_state_of(path) for path in self._watched)
        if states == self._seen:
            return None
        if None in states and not self._missed:
            self._missed = True  # editors replace a file by another: it may be back in a moment
            return None
        self._missed = False
        self._seen = states
        try:
            settings = read_settings(self._path)
        except PolicyError as error:
            return self._wrong(error)
        return self._right(settings)

    def _wrong(self, error: PolicyError) -> PolicyError | None:
        self._watch((self._path, *lists_of(self._path)))
        if error.problems == self._said:
            return None
        self._said = error.problems
        return error

    def _right(self, settings: Settings) -> Settings | None:
        self._watch(settings.watched)
        was_wrong, self._said = bool(self._said), ()
        if settings.digest == self._digest and not was_wrong:
            return None
        self._digest = settings.digest
        return settings

    def _watch(self, files: tuple[Path, ...]) -> None:
        if files != self._watched:
            self._watched, self._seen = files, None  # nobody looked at these before they were read


def _state_of(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
