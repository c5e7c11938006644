"""Programs as processes that start within milliseconds, forked by one that has imported all they need.

Each is a real process, with its own exit code, output, signals and limits. Python's own start is missing,
and the last step of its end (see `_end`), so one test of each kind still starts the program as a user would.
`python -m tests.support.forks MODULE[:FUNCTION] ...` imports, calls, and then forks on request; see `Forks`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).parents[2]
HANG = 100.0
"""Seconds after which a process counts as hanging: to end the test, not to measure its speed."""


class Forked:
    """A running program. Output that is not redirected goes to files, which `out` and `err` read."""

    def __init__(self, name: str, report: int, out: IO[bytes] | None, err: IO[bytes] | None) -> None:
        self._name = name
        self._report = open(report, "rb", buffering=0)  # noqa: SIM115 - closed by close
        self._out, self._err = out, err
        self.returncode: int | None = None
        self.pid = int(self._line(HANG) or -1)

    def poll(self) -> int | None:
        """Returns the exit code, negative for a signal; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float = HANG) -> int:
        """Returns the exit code. Raises subprocess.TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self._name, timeout, self._read(self._out), self._read(self._err))
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def out(self, encoding: str = "utf-8") -> str:
        return self._read(self._out).decode(encoding)

    def err(self, encoding: str = "utf-8") -> str:
        return self._read(self._err).decode(encoding)

    def close(self) -> None:
        """Kills it if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        for file in (self._report, self._out, self._err):
            if file is not None:
                file.close()

    def _ended(self, timeout: float) -> int | None:
        if self.returncode is None:
            said = self._line(timeout)
            self.returncode = int(said) if said else None
        return self.returncode

    def _line(self, timeout: float) -> bytes:
        """Returns the keeper's next line; b"" if there is none within this many seconds."""
        ready, _, _ = select.select([self._report], [], [], timeout)
        return self._report.readline() if ready else b""

    @staticmethod
    def _read(file: IO[bytes] | None) -> bytes:
        """Returns a file's content so far, without moving the file offset, which the process shares."""
        return b"" if file is None else os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


class Forks:
    """The process that forks programs; the modules are imported in each of them already.

    modules: "module", or "module:function" for a function that is called once, before the forks.
    """

    def __init__(self, *modules: str) -> None:
        self._sock, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._started: list[Forked] = []
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forks", str(theirs.fileno()), *modules],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self,
        entry: str,
        *args: str,
        cwd: Path = ROOT,
        environ: Mapping[str, str] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> Forked:
        """Starts an entry point, "module:function", with these arguments in sys.argv; returns at once.

        environ: the complete environment. stdout, stderr: file descriptors, which the process duplicates.
        """
        out = None if stdout is not None else tempfile.TemporaryFile()  # noqa: SIM115 - Forked closes both
        err = None if stderr is not None else tempfile.TemporaryFile()  # noqa: SIM115
        places = [stdout if out is None else out.fileno(), stderr if err is None else err.fileno()]
        request = {"entry": entry, "args": args, "cwd": str(cwd), "environ": dict(environ or os.environ)}
        report, theirs = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._sock, [json.dumps(request).encode() + b"\n"], [*places, theirs])  # type: ignore[list-item]
        finally:
            os.close(theirs)
        forked = Forked(f"{entry} {' '.join(args)}", report, out, err)
        self._started.append(forked)
        return forked

    def run(
        self, entry: str, *args: str, timeout: float = HANG, **how: Any
    ) -> subprocess.CompletedProcess[str]:
        """Runs an entry point to its end; see `start`. Raises subprocess.TimeoutExpired."""
        forked = self.start(entry, *args, **how)
        code = forked.wait(timeout)
        return subprocess.CompletedProcess([entry, *args], code, forked.out(), forked.err())

    def end_all(self) -> None:
        """Kills what still runs."""
        while self._started:
            self._started.pop().close()

    def close(self) -> None:
        self.end_all()
        self._sock.close()
        self._process.wait()


@contextmanager
def forks(*modules: str) -> Iterator[Forks]:
    made = Forks(*modules)
    try:
        yield made
    finally:
        made.close()


# In the process that forks


def _serve(sock: socket.socket) -> dict[str, Any] | None:
    """Forks for each request. Returns it in the new process; in this one None, when the requester is gone."""
    while True:
        text, places, _, _ = socket.recv_fds(sock, 65536, 3)
        while text and not text.endswith(b"\n"):
            text += sock.recv(65536)
        if not text:
            return None
        if os.fork() == 0:
            sock.close()
            return _keep(json.loads(text), places)
        for place in places:
            os.close(place)


def _keep(request: dict[str, Any], places: list[int]) -> dict[str, Any]:
    """Forks once more, waits for that process and reports how it ended: only a parent can wait for a child."""
    out, err, report = places
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for place in places:
            os.close(place)
        return request
    os.close(out)
    os.close(err)
    os.write(report, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):
        os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run(request: dict[str, Any]) -> None:
    """Sets this process up like a newly started one, and runs the requested program."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environ"])
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    errors = "surrogateescape" if encoding == "utf-8" else "strict"  # as Python itself has it
    sys.stdout = open(1, "w", encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding=encoding, errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    module, _, name = request["entry"].partition(":")
    sys.argv = [module, *request["args"]]
    getattr(importlib.import_module(module), name)()


def _end(code: object) -> NoReturn:
    """Ends this process as Python does, only without taking its modules apart.

    That would write to, and so copy, each page that is shared with the process that forked: 60 ms of 65.
    """
    status = code if isinstance(code, int) else 0 if code is None else 1
    if status == 1 and code != 1:
        print(code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as Python does first
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)  # type: ignore[arg-type]  # let Python say it and choose the exit code
    os._exit(status & 0xFF)


def main() -> None:
    sock = socket.socket(fileno=int(sys.argv[1]))
    for what in sys.argv[2:]:
        module, _, name = what.partition(":")
        imported = importlib.import_module(module)
        if name:
            getattr(imported, name)()
    gc.freeze()  # otherwise a collection touches, and so copies, everything that was imported
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    request = _serve(sock)
    if request is not None:
        try:
            _run(request)
        except SystemExit as ended:
            _end(ended.code)
        _end(None)


if __name__ == "__main__":
    main()
