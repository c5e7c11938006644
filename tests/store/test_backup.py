"""A database is copied while it is written, and restored where there is none."""

from __future__ import annotations

import itertools
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.bodies import BODIES
from tests.support.times import at
from threatstamp.core import signs
from threatstamp.core.errors import Unfit, UnfitError
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros
from threatstamp.desk.outbox.search import GAP_COUNTS, Gap, read_gap
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import SqlStore, open_store
from threatstamp.store.backup import UNDATED, back_up, restore
from threatstamp.store.versions import VERSION_TABLE

NOW = at(1_764_000_000)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A database with two entries on record."""
    store = open_store(f"sqlite:///{tmp_path / 'desk.db'}")
    for number in (1, 2):
        append(store, number)
    store.close()
    yield tmp_path / "desk.db"
    hidden = [one.name for one in tmp_path.iterdir() if one.name.startswith(".")]
    assert hidden == [], "a partial file was left"


def append(store: SqlStore, number: int) -> None:
    with store.transaction() as tx:
        tx.ledger.append(Kind.RETRY, {**BODIES[Kind.RETRY][0], "departure": number}, now=at(number))


def told(caught: pytest.ExceptionInfo[UnfitError]) -> tuple[Unfit, str]:
    return caught.value.reason, caught.value.values["place"]


def test_a_copy_that_is_made_while_threads_write_is_whole(file: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    numbers, ended = itertools.count(3), threading.Event()

    def write() -> None:
        while not ended.is_set():
            append(store, next(numbers))

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        copies = [back_up(file, tmp_path / f"copy-{number}.db") for number in range(3)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    store.close()
    for number, copy in enumerate(copies):
        found = open_store(f"sqlite:///{tmp_path / f'copy-{number}.db'}", migrate=False)
        verified = verify_ledger(found)
        found.close()
        assert (verified.ok, verified.entries, verified.head) == (True, copy.entries, copy.head)
    assert 2 <= copies[0].entries <= copies[1].entries <= copies[2].entries


def test_a_copy_is_one_file_for_its_owner_alone(file: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{file}")  # in WAL mode, with a log beside it
    append(store, 3)
    (tmp_path / "elsewhere").mkdir()
    copy = back_up(file, tmp_path / "elsewhere" / "copy.db")
    store.close()
    [made] = (tmp_path / "elsewhere").iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert (copy.entries, copy.size, copy.is_current) == (3, made.stat().st_size, True)


def test_nothing_is_overwritten(file: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(UnfitError) as caught:
        back_up(file, taken)
    assert told(caught) == (Unfit.TAKEN, str(taken))
    copy = tmp_path / "copy.db"
    back_up(file, copy)
    before = file.read_bytes()
    with pytest.raises(UnfitError) as caught:
        restore(copy, file, now=NOW)
    assert told(caught) == (Unfit.IN_PLACE, str(file))
    assert (taken.read_text(encoding="utf-8"), file.read_bytes()) == ("mine", before)


@pytest.mark.parametrize("left", ["-wal", "-shm", "-journal"])
def test_what_another_database_left_is_not_played_into_the_restored_one(
    file: Path, tmp_path: Path, left: str
) -> None:
    place = tmp_path / f"new.db{left}"
    place.write_bytes(b"old pages")
    with pytest.raises(UnfitError) as caught:
        restore(file, tmp_path / "new.db", now=NOW)
    assert told(caught) == (Unfit.IN_PLACE, str(place))
    assert not (tmp_path / "new.db").exists()


def test_a_restored_database_is_the_same_and_remembers_what_it_cannot_know(
    file: Path, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{file}").transaction() as tx:
        tx.vitals.put(f"{signs.RUN}host-1", "{}", now=at(5))
        tx.vitals.put(signs.LAST_EVENT, "7", now=at(5))
    back_up(file, tmp_path / "copy.db")
    copy = restore(tmp_path / "copy.db", tmp_path / "new.db", now=NOW)
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}", migrate=False)
    with store.reading() as read:
        assert read_gap(read) == Gap(since=at(2), until=Micros(NOW + GAP_COUNTS))
        assert set(read.vitals.every()) == {signs.LAST_EVENT, signs.RESTORED}
    assert verify_ledger(store, expect=copy.head).ok
    store.close()
    assert sorted(one.name for one in tmp_path.iterdir() if "copy" in one.name) == ["copy.db"]


def test_what_is_no_database_of_ours_is_not_copied_and_not_restored(file: Path, tmp_path: Path) -> None:
    words, empty = tmp_path / "words.db", tmp_path / "empty.db"
    words.write_text("no database" * 500, encoding="utf-8")
    empty.touch()
    for source in (words, empty):
        with pytest.raises(UnfitError) as caught:
            restore(source, tmp_path / "new.db", now=NOW)
        assert told(caught) == (Unfit.FOREIGN, str(source))
    with pytest.raises(UnfitError) as caught:
        back_up(empty, tmp_path / "copy.db")
    assert told(caught) == (Unfit.NEW, str(empty))
    assert not (tmp_path / "new.db").exists()
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("left", [0.3, 0.9])
def test_a_copy_that_lost_its_end_is_not_restored(file: Path, tmp_path: Path, left: float) -> None:
    content = file.read_bytes()
    cut = tmp_path / "cut.db"
    cut.write_bytes(content[: int(len(content) * left)])
    with pytest.raises(UnfitError) as caught:
        restore(cut, tmp_path / "new.db", now=NOW)
    assert told(caught) == (Unfit.DAMAGED, str(cut))
    assert not (tmp_path / "new.db").exists()


def test_versions_older_ones_are_restored_and_newer_ones_are_not(file: Path, tmp_path: Path) -> None:
    for version in ("0003", "9999"):
        made = tmp_path / f"{version}.db"
        shutil.copy(file, made)
        store = open_store(f"sqlite:///{made}")
        with store.engine.begin() as connection:
            connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'"))
        store.close()
    assert not restore(tmp_path / "0003.db", tmp_path / "old.db", now=NOW).is_current
    with pytest.raises(UnfitError) as caught:
        restore(tmp_path / "9999.db", tmp_path / "new.db", now=NOW)
    assert (caught.value.reason, caught.value.values["found"]) == (Unfit.NEWER, "9999")
    back_up(tmp_path / "9999.db", tmp_path / "kept.db")  # a backup understands nothing of what it copies


def test_where_no_file_can_be_made_nothing_is_left(file: Path, tmp_path: Path) -> None:
    with pytest.raises(UnfitError) as caught:
        back_up(file, tmp_path / "nowhere" / "copy.db")
    assert told(caught) == (Unfit.NOT_COPIED, str(file))


def test_a_copy_without_any_entry_says_nothing_of_its_age_and_leaves_a_gap_all_the_same(
    tmp_path: Path,
) -> None:
    """A copy of a new database: whatever was sent since is not in it either."""
    open_store(f"sqlite:///{tmp_path / 'copy.db'}").close()
    restore(tmp_path / "copy.db", tmp_path / "new.db", now=NOW)
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}", migrate=False)
    with store.reading() as read:
        assert read_gap(read) == Gap(since=Micros(NOW - UNDATED), until=Micros(NOW + GAP_COUNTS))
    store.close()
