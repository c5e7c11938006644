"""The container image without an engine: the Containerfile's steps, done by chroot in a clean Debian.

`make image-test` uses it, as root, where debootstrap is installed. What an engine would add is played by
Linux itself: a read-only root, folders of the machine, process number 1, no rights. The network is the
machine's own.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

RELEASE, PYTHON = "trixie", "3.13"
"""What the image's base is made of; the Containerfile has to ask for the same Python."""

PACKAGES = ("ca-certificates", "docker-compose", f"python{PYTHON}-venv")
OF_THE_MACHINE = ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt")
"""Files without which nothing can be installed: names, and the authority of a proxy that looks into TLS."""


class CannotBuildError(Exception):
    """A step is not known here, failed, or asks for what is not there."""


@dataclass
class Stage:
    """A file system with what a container of it would be told."""

    root: Path
    environ: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    user: str = "0:0"
    folder: str = "/"
    said: dict[str, str] = field(default_factory=dict)
    """ENTRYPOINT, CMD, HEALTHCHECK, STOPSIGNAL, VOLUME as they stand there."""

    def within(self, path: str) -> Path:
        """Returns where a path of the image is on this machine."""
        return self.root / Path(self.folder, path).relative_to("/")

    def command(self, words: list[str], *, user: str | None = None) -> list[str]:
        """Returns the command that does this there; whoever is not root has no right."""
        owner, group = (user or self.user).split(":")
        variables = [f"{name}={value}" for name, value in self.environ.items()]
        rights = [] if owner == "0" else ["--bounding-set=-all", "--no-new-privs"]
        change = ["setpriv", f"--reuid={owner}", f"--regid={group}", "--clear-groups", *rights]
        go = ["sh", "-c", f'cd {shlex.quote(self.folder)} && exec "$@"', "sh", *words]
        return ["/usr/bin/env", "-i", *variables, *change, *go]


def clean_debian(root: Path) -> Path:
    """Installs a minimal Debian with the image's Python, unless it is there; returns its folder."""
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        do(["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", RELEASE, str(root)])
        (root / "usr/local/bin/python").symlink_to(f"/usr/bin/python{PYTHON}")
        (root / "complete").touch()
    for name in OF_THE_MACHINE:
        if Path("/", name).is_file():
            shutil.copyfile(Path("/", name), root / name)
    return root


def build(project: Path, debian: Path, folder: Path) -> Stage:
    """Does the steps of the Containerfile; returns the last stage. Raises CannotBuildError."""
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage = Stage(debian)
    for step, said in steps(project):
        match step:
            case "ARG":
                name, _, value = said.partition("=")
                arguments[name] = value
            case "FROM":
                words = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], said).split()
                if words[0] != f"docker.io/library/python:{PYTHON}-slim":
                    raise CannotBuildError(f"{words[0]} is not Debian {RELEASE} with Python {PYTHON}")
                stage = Stage(folder / str(len(stages)))
                do(["cp", "--archive", str(debian), str(stage.root)])
                stages[words[-1] if "AS" in words else str(len(stages))] = stage
            case _:
                _do_step(step, said, stage, project, stages)
    return stage


def steps(project: Path) -> list[tuple[str, str]]:
    """Returns the instructions of the Containerfile with their arguments."""
    text = (project / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [(line.split()[0], line.split(None, 1)[1]) for line in lines if line and not line.startswith("#")]


def _do_step(step: str, said: str, stage: Stage, project: Path, stages: Mapping[str, Stage]) -> None:
    match step:
        case "RUN":
            do(["chroot", str(stage.root), *stage.command(["/bin/sh", "-c", said])])
        case "COPY":
            _copy(said.split(), stage, project, stages)
        case "ENV":
            for name, _, value in (word.partition("=") for word in shlex.split(said)):
                stage.environ[name] = re.sub(r"\$(\w+)", lambda found: stage.environ[found[1]], value)
        case "USER":
            stage.user = said
        case "WORKDIR":
            stage.folder = said
            stage.within(said).mkdir(parents=True, exist_ok=True)
        case "ENTRYPOINT" | "CMD" | "HEALTHCHECK" | "STOPSIGNAL" | "VOLUME":
            stage.said[step] = said
        case _:
            raise CannotBuildError(f"{step} is not known here")


def _copy(words: list[str], stage: Stage, project: Path, stages: Mapping[str, Stage]) -> None:
    """Copies from the project what .dockerignore lets through, or from an earlier stage."""
    source = None
    if words[0].startswith("--from="):
        source, words = stages[words[0].removeprefix("--from=")], words[1:]
    *names, there = words
    target = stage.within(there)
    for name in names:
        if source is None and not _goes_to_the_engine(name, project):
            raise CannotBuildError(f"COPY {name}: .dockerignore keeps it from the engine")
        found = source.within(name) if source else project / name
        if found.is_dir():
            left_out = shutil.ignore_patterns("__pycache__") if source is None else None
            shutil.copytree(found, target, symlinks=True, ignore=left_out, dirs_exist_ok=True)
        elif found.is_file():
            place = target / found.name if there.endswith("/") else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, place)
        else:
            raise CannotBuildError(f"COPY {name}: it is not there")


def _goes_to_the_engine(name: str, project: Path) -> bool:
    """True unless .dockerignore leaves it out: of its lines, the last that fits decides."""
    goes = True
    for line in (project / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and fnmatch(name.split("/")[0], line.removeprefix("!")):
            goes = line.startswith("!")
    return goes


@dataclass
class Container:
    """The image as compose.yaml starts it: a read-only root, and folders of the machine in it."""

    image: Stage
    mounts: Mapping[str, Path]
    """Folders of this machine, by where they are in the container."""

    environ: Mapping[str, str]
    user: str

    def start(self, *words: str) -> Started:
        """Starts the image's command, or its program with these words."""
        root = self.image.root
        made = ['mount --bind "$0" "$0"', 'mount -t tmpfs tmpfs "$0/tmp"', 'mount -t proc proc "$0/proc"']
        for there, here in self.mounts.items():
            self.image.within(there).mkdir(parents=True, exist_ok=True)
            made.append(f'mount --bind {shlex.quote(str(here))} "$0"{shlex.quote(there)}')
        script = " && ".join([*made, 'mount -o remount,bind,ro "$0"', 'exec chroot "$0" "$@"'])
        given = list(words) or json.loads(self.image.said["CMD"])
        inner = self.command([*json.loads(self.image.said["ENTRYPOINT"]), *given])
        begin = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            script,
            str(root),
            *inner,
        ]
        return Started(
            self, subprocess.Popen(begin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        )

    def command(self, words: list[str]) -> list[str]:
        """Returns the command that does this in the container."""
        told = Stage(self.image.root, {**self.image.environ, **self.environ}, folder=self.image.folder)
        return told.command(words, user=self.user)


@dataclass
class Started:
    """A container that runs, or has ended."""

    container: Container
    process: subprocess.Popen[str]

    def healthy(self) -> bool:
        """Asks as an engine would: the image's own command, within the container."""
        command = json.loads(self.container.image.said["HEALTHCHECK"].partition(" CMD ")[2])
        first = self._first()
        if first is None:
            return False
        enter = ["nsenter", "--target", str(first), "--mount", "--pid", "--root"]
        done = subprocess.run([*enter, *self.container.command(command)], capture_output=True, check=False)
        return done.returncode == 0

    def stop(self, seconds: float) -> tuple[int, str]:
        """Sends the image's signal to process number 1; returns exit code and output.

        Raises subprocess.TimeoutExpired, and kills it, where an engine would have to.
        """
        name = self.container.image.said["STOPSIGNAL"]
        first = self._first()
        if first is not None:
            os.kill(first, signal.Signals[name])
        return self.end(seconds)

    def end(self, seconds: float) -> tuple[int, str]:
        """Waits for its end; returns exit code and output. Raises subprocess.TimeoutExpired, and kills it."""
        try:
            out, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, out

    def _first(self) -> int | None:
        """Returns the number, on this machine, of number 1 of the container; None if it has ended."""
        number = self.process.pid
        there = Path(f"/proc/{number}/task/{number}/children")
        found = there.read_text(encoding="ascii").split() if there.exists() else []
        return int(found[0]) if found else None


def do(words: list[str]) -> None:
    """Runs a command. Raises CannotBuildError with what it printed."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise CannotBuildError(f"{shlex.join(words)}: exit {done.returncode}\n{done.stdout[-4000:]}")
