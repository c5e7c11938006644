"""The file is read again when it changes; a wrong one is said once and changes nothing."""

from __future__ import annotations

from pathlib import Path

from threatstamp.config.settings import Settings, read_settings
from threatstamp.core.errors import PolicyError

Print = tuple[tuple[int, int, int], ...]


class SettingsWatch:
    """Looks at the files that settings came from. Cheap enough to be asked every few seconds."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.path
        self._watched = settings.watched
        self._digest = settings.digest
        self._print = self._look()
        self._said: tuple[str, ...] = ()

    def poll(self) -> Settings | PolicyError | None:
        """Returns new settings, what is wrong with the changed file, or None if there is nothing new."""
        look = self._look()
        if look == self._print:
            return None
        self._print = look
        try:
            settings = read_settings(self._path)
        except PolicyError as error:
            if error.problems == self._said:
                return None
            self._said = error.problems
            return error
        was_wrong, self._said = bool(self._said), ()
        self._watched = settings.watched
        self._print = self._look()
        if settings.digest == self._digest and not was_wrong:
            return None
        self._digest = settings.digest
        return settings

    def _look(self) -> Print:
        return tuple(_print(path) for path in self._watched)


def _print(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
