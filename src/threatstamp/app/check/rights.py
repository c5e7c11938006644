"""Who else on this machine may change the desk's files: what it forwards, to whom, and what it records."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.secrets import PREFIXES
from threatstamp.config.settings import Settings
from threatstamp.store.connection import sqlite_path
from threatstamp.texts.catalogue import Texts


def check_rights(settings: Settings, texts: Texts, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yields a failure for each file that other users can change, and a warning for a database they can read.

    Nothing where the system has no rights of this kind (Windows).
    """
    if os.name != "posix":
        return
    secrets = [environ.get(f"{name}_FILE", "").strip() for name in PREFIXES]
    yield from _written(settings.watched, Findings("file", texts))
    yield from _written([Path(name) for name in secrets if name], Findings("token", texts))
    file = sqlite_path(settings.database)
    if file is not None:
        found = Findings("database", texts)
        yield from _written([file], found)
        if _mode(file) & stat.S_IROTH:
            warning = found.bad(str(file), "check_others_read", path=file)
            yield replace(warning, ok=True)


def _written(files: Iterable[Path], found: Findings) -> Iterator[Check]:
    for file in files:
        if _others_may_write(file):
            yield found.bad(str(file), "check_others_write", path=file)
        elif _others_may_replace(file):
            yield found.bad(str(file), "check_others_replace", folder=file.parent)


def _others_may_write(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False  # what is not there, or not readable, is another check's business
    if status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and not _is_private(status.st_gid, owner=status.st_uid)


def _others_may_replace(path: Path) -> bool:
    """True if anybody may put another file in its place: a folder like /tmp, but without the sticky bit."""
    mode = _mode(path.parent)
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX and path.exists()


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _is_private(group: int, *, owner: int) -> bool:
    """True for the group that systems make for one user alone, and for root's."""
    import grp
    import pwd

    try:
        name, members = pwd.getpwuid(owner).pw_name, grp.getgrgid(group).gr_mem
    except KeyError:  # a container's user without a name: nobody else is known to be in its group
        return True
    return group == 0 or (pwd.getpwuid(owner).pw_gid == group and set(members) <= {name})
