"""From a click on a card to the card's edit in Slack, with few and with many open cases.

The stamps that open the cases are the baseline of the same run: from the stamp to the card.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import psutil

from bench.stamps import Field, postgres, quantile

CARDS = 10
"""Cases that are clicked on in each round; they are closed before the next."""

CHANNEL, TEAM = "C1D000", "T0BENCH"
CLICKS = (("case_take", "U0001"), ("case_assess", "判断待ち"))
"""What is pressed on each card, and a word by which the edited card is known."""


class CardField(Field):
    """A field whose route opens cases. others: so many cases are open from the start."""

    def __init__(self, database: str, *, others: int) -> None:
        super().__init__(database, pace="0s", latency=0.0)
        self._others = others

    def _settle(self) -> None:
        lines = [
            'language = "ja"',
            f'database = "{self._database}"',
            "[slack]",
            f'api_url = "{self.sandbox.api_url}"',
            'confirm = "none"',
            'pace = "0s"',
            "[[sources]]",
            'channel = "C0NEWS"',
            "[[routes]]",
            'reaction = "route0"',
            f'to = ["{CHANNEL}"]',
            'text = "stamp"',
            'case = "product"',
            "[cases]",
            'deciders = ["U0002"]',
        ]
        (self.folder / "t.toml").write_text("\n".join(lines), encoding="utf-8")
        self._open_others()

    def _open_others(self) -> None:
        from sqlalchemy import insert

        from threatstamp.store import open_store
        from threatstamp.store.tables.cases import cases

        assert self._database is not None
        place = self._database.replace("sqlite:///", f"sqlite:///{self.folder}/")
        store = open_store(place)
        rows = [
            {
                "team": TEAM,
                "channel": "C0NEWS",
                "ts": f"{number}.000100",
                "track": "product",
                "kind": "product",
                "state": ("waiting", "responding", "new", "assessing")[number % 4],
                "version": 1,
                "owner": f"U{number % 40:04d}",
                "opened_at": number,
                "opened_by": "U0003",
                "due_on": "2099-10-14",
            }
            for number in range(self._others)
        ]
        if rows:
            with store.engine.begin() as connection:
                connection.execute(insert(cases), rows)
        store.close()


class Edits:
    """Waits until a message of the channel says a word."""

    def __init__(self, field: CardField) -> None:
        self._seen: list[tuple[float, str, str]] = []
        self._changed = threading.Condition()
        self.stop = field.workspace.listen(self._take)

    def _take(self, news: dict[str, object]) -> None:
        message = news.get("message")
        if news["type"] in ("message", "message_changed") and news["channel"] == CHANNEL:
            assert isinstance(message, dict)
            with self._changed:
                self._seen.append((time.perf_counter(), str(message["ts"]), str(message)))
                self._changed.notify_all()

    def wait(self, since: float, *words: str) -> tuple[float, str]:
        """Returns milliseconds since then, and the message's ts."""
        with self._changed:
            found = self._changed.wait_for(lambda: self._find(since, words), 60)
        if not found:
            raise SystemExit(f"no message says {words}")
        return (found[0] - since) * 1000, found[1]

    def _find(self, since: float, words: tuple[str, ...]) -> tuple[float, str] | None:
        late = (one for one in self._seen if one[0] >= since)
        return next(((at, ts) for at, ts, said in late if all(word in said for word in words)), None)


def measure(field: CardField, *, rounds: int) -> tuple[list[float], list[float], float]:
    """Returns milliseconds of stamps and of clicks, and the desk's CPU milliseconds for a click."""
    field.start()
    edits, stamps, clicks, used = Edits(field), [], [], 0.0
    process = psutil.Process(field.processes[0].pid)
    for turn in range(rounds):
        cards = []
        for post, title in zip(field.posts(CARDS), (f"t{number}" for number in range(CARDS)), strict=True):
            began = time.perf_counter()
            field.workspace.react("U0003", "C0NEWS", post, "route0")
            taken, ts = edits.wait(began, f"{title}", "case_take")
            stamps.append(taken)
            cards.append(ts)
        before = sum(process.cpu_times()[:2])
        for action, word in CLICKS:
            for ts in cards:
                act = partial(field.workspace.click, "U0001", CHANNEL, ts, action)
                clicks.append(_timed(edits, ts, word, act))
        used += sum(process.cpu_times()[:2]) - before
        for number, _ in enumerate(cards, field._others + turn * CARDS + 1):
            text = f"/threatstamp case decide {number} not-affected closed"
            field.workspace.command("U0002", CHANNEL, text)
        for ts in cards:
            edits.wait(0.0, ts, "影響なし")
    edits.stop()
    return sorted(stamps), sorted(clicks), 1000 * used / len(clicks)


def _timed(edits: Edits, ts: str, word: str, act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return edits.wait(began, ts, word)[0]


def run(*, quick: bool) -> None:
    """Prints p50 and p99 for each kind of database and number of open cases."""
    rounds = 2 if quick else 5
    with postgres() as new_database:
        kinds = {"sqlite": lambda: "sqlite:///t.db", "postgres": new_database}
        for kind, database in kinds.items():
            for size in (10, 1_000):
                field = CardField(database(), others=size - CARDS)
                with field:
                    stamps, clicks, cpu = measure(field, rounds=rounds)
                base = quantile(stamps, 0.5)
                print(
                    f"clicks: {size:5,} open cases, {kind:8}  p50 {quantile(clicks, 0.5):6.1f} ms"
                    f"  p99 {quantile(clicks, 0.99):6.1f} ms  {cpu:.1f} ms CPU a click  n={len(clicks)}"
                    f"  (stamp to card p50 {base:.1f} ms: × {quantile(clicks, 0.5) / base:.2f})",
                    flush=True,
                )
