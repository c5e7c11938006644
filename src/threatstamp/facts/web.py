"""Documents of sources, fetched into files: conditionally, at a pace, and on where they broke off."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from threatstamp.core.facts.document import FetchError
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.guard import Network
from threatstamp.http.patience import read_retry_after
from threatstamp.http.question import Answer, Headers, Question, Writer
from threatstamp.http.redirects import follow
from threatstamp.http.resuming import resumed
from threatstamp.http.target import Target, read_target

ATTEMPTS = 5
FIRST_WAIT, MOST_WAIT = 2.0, 120.0
"""Seconds before the second attempt, doubled before each further one; a server may ask for up to as many."""

SECONDS = 3_600.0
"""One attempt, redirects and all: the CVE List has some 500 MB, and what came is kept."""

_TRANSIENT = frozenset(
    {Fault.CUT, Fault.PROTOCOL, Fault.TIMEOUT, Fault.REFUSED, Fault.UNREACHABLE, Fault.NAME_UNKNOWN}
)
_BUSY = frozenset({429, 500, 502, 503, 504})
_SENTENCES = {403: "facts.http_403", 404: "facts.http_404", 410: "facts.http_404", 429: "facts.http_429"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a server has given with a document, to ask whether it still has the same; host: it alone."""

    host: str = ""
    etag: str = ""
    modified: str = ""

    @property
    def as_cursor(self) -> dict[str, str]:
        return {"host": self.host, "etag": self.etag, "modified": self.modified}


def given_in(cursor: Mapping[str, str]) -> Given:
    return Given(
        host=cursor.get("host", ""), etag=cursor.get("etag", ""), modified=cursor.get("modified", "")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A document in a file, with what its server gave."""

    path: Path
    given: Given


class Web:
    """Fetches documents into a folder, which is made if need be.

    pause: waits, and returns False when the process has to end. progress: told how many bytes there are.
    Raises PolicyError if SSL_CERT_FILE cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        allow_private: Iterable[str | Network] = (),
        environ: Mapping[str, str] = os.environ,
        pause: Callable[[float], bool],
        progress: Callable[[int], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._client = Client(allow_private=allow_private, environ=environ)
        self._pause = pause
        self._progress = progress
        self.now = now
        self._asked_at = float("-inf")

    def close(self) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        name: str,
        most: int,
        given: Given | None = None,
        headers: Headers = (),
        pace: float = 0.0,
    ) -> Got | None:
        """Fetches a document; None if the server still has the given one. Raises FetchError.

        name: of the file. most: bytes, as they are sent. pace: seconds between two questions to a source.
        """
        place = _Place(self._folder, name, url)
        here = place.whole_given()  # it was fetched, and the work on it was interrupted
        wait = FIRST_WAIT
        for left in reversed(range(ATTEMPTS)):
            self._keep_pace(pace)
            try:
                answer = self._ask(url, place, most=most, given=here or given or Given(), headers=headers)
            except ExchangeError as error:
                place.note(error.headers.get("etag"))
                failure = exchange_error(error, url)
                if error.fault not in _TRANSIENT:
                    raise failure from error
            else:
                if answer.status == 304:
                    place.tidy()
                    return Got(path=place.whole, given=here) if here else None
                if answer.is_success:
                    return Got(path=place.finish(_given(answer)), given=_given(answer))
                failure = place.refused(answer)
                wait = max(wait, _patience(answer, self.now(), failure))
            if not left or not self._pause(wait):
                raise failure
            wait = min(2 * wait, MOST_WAIT)
        raise AssertionError

    def _keep_pace(self, pace: float) -> None:
        left = self._asked_at + pace - time.monotonic()
        if left > 0 and not self._pause(left):
            raise FetchError("facts.ended")
        self._asked_at = time.monotonic()

    def _ask(self, url: str, place: _Place, *, most: int, given: Given, headers: Headers) -> Answer:
        first = read_target(url)
        with place.open() as file:
            counted = cast(BinaryIO, _Counted(file, self._progress))
            is_begun = file.seek(0, os.SEEK_END) > 0

            def ask(target: Target, only_public: bool) -> Answer:
                said = _conditions(given) if target.host == given.host and not is_begun else ()
                own = headers if target.origin == first.origin else ()  # they may hold a key
                question = Question(
                    target=target,
                    headers=(*said, *own),
                    most=most,
                    until=time.monotonic() + SECONDS,
                    only_public=only_public,
                )
                asked = resumed(question, counted, etag=place.etag)
                assert asked.into is not None
                return self._client.ask(replace(asked, into=partial(place.begun, asked.into)))

            return follow(first, ask).answer


class _Counted:
    """A file that tells how far it is written. It has what `resumed` needs of one."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress
        self.seek = file.seek
        self.truncate = file.truncate

    def write(self, piece: bytes) -> int:
        written = self._file.write(piece)
        self._progress(self._file.tell())
        return written


class _Place:
    """Where a document is while it comes, and which one it is."""

    def __init__(self, folder: Path, name: str, url: str) -> None:
        self._url = url
        self.whole = folder / name
        self._part = folder / f"{name}.part"
        self._about = folder / f"{name}.part.json"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FetchError("facts.folder", path=str(folder), reason=error.strerror or str(error)) from error
        self.etag: str | None = None
        with suppress(OSError, ValueError):
            about = json.loads(self._about.read_text(encoding="utf-8"))
            self.etag = about["etag"] if about.get("url") == url else None
        if self.etag is None:
            self.discard()

    def open(self) -> BinaryIO:
        try:
            return self._part.open("r+b" if self._part.exists() else "w+b")
        except OSError as error:
            raise FetchError(
                "facts.folder", path=str(self._part), reason=error.strerror or str(error)
            ) from error

    def note(self, etag: str | None) -> None:
        """Notes what the beginning of the document came with."""
        if etag:
            self.etag = etag
        if self.etag:
            self._about.write_text(json.dumps({"url": self._url, "etag": self.etag}), encoding="utf-8")
        else:
            self.discard()

    def begun(self, into: Callable[[Answer], Writer], head: Answer) -> Writer:
        """Returns where a body goes, once it is noted which one it is: a process may be killed meanwhile."""
        writer = into(head)
        if etag := head.headers.get("etag"):
            self.note(etag)
        return writer

    def refused(self, answer: Answer) -> FetchError:
        """Returns what an answer without a document means."""
        if answer.status == 416:  # what is here is no beginning of what is there
            self.discard()
        self.tidy()
        return status_error(answer, self._url)

    def tidy(self) -> None:
        """Deletes the file if nothing has come yet."""
        with suppress(OSError):
            if not self._part.stat().st_size:
                self.discard()

    def discard(self) -> None:
        self.etag = None
        for path in (self._part, self._about):
            with suppress(OSError):
                path.unlink()

    def finish(self, given: Given) -> Path:
        self._part.replace(self.whole)
        self.discard()
        about = {"url": self._url, **given.as_cursor}
        _about(self.whole).write_text(json.dumps(about), encoding="utf-8")
        return self.whole

    def whole_given(self) -> Given | None:
        """Returns what came with the whole document, if it is still here."""
        with suppress(OSError, ValueError):
            about = json.loads(_about(self.whole).read_text(encoding="utf-8"))
            if about.get("url") == self._url and self.whole.is_file():
                found = given_in(about)
                return found if found.etag or found.modified else None
        return None


def discard(path: Path) -> None:
    """Deletes a document that was fetched, and what is known of it."""
    for one in (path, _about(path)):
        with suppress(OSError):
            one.unlink()


def _about(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _conditions(given: Given) -> Headers:
    said = ((b"If-None-Match", given.etag), (b"If-Modified-Since", given.modified))
    return tuple((name, value.encode("latin-1")) for name, value in said if value)


def _given(answer: Answer) -> Given:
    values = {
        name: answer.headers.get(key, "") for name, key in (("etag", "etag"), ("modified", "last-modified"))
    }
    sendable = {name: said for name, said in values.items() if said.isprintable() and said.isascii()}
    return replace(Given(host=answer.target.host), **sendable)


def exchange_error(error: ExchangeError, url: str) -> FetchError:
    """Returns what it means that no answer came."""
    values = {name: str(value) for name, value in error.values.items()}
    return FetchError(f"facts.fault_{error.fault}", **{"host": host_of(url), **values})


def _patience(answer: Answer, now: float, failure: FetchError) -> float:
    """Returns how long a server asks to be left alone. Raises the failure if waiting is of no use."""
    asked = read_retry_after(answer.headers, now) or 0.0
    if asked > MOST_WAIT or (answer.status not in (*_BUSY, 416) and not (answer.status == 403 and asked)):
        raise failure
    return asked


def status_error(answer: Answer, url: str) -> FetchError:
    """Returns what an answer without a document means."""
    key = _SENTENCES.get(answer.status, "facts.http_status")
    return FetchError(key, host=answer.target.host or host_of(url), status=str(answer.status))


def host_of(url: str) -> str:
    """Returns the host of an address, for people: the rest may hold a key."""
    try:
        return read_target(url).host
    except ExchangeError:
        return "?"
