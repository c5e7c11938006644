"""The image's steps in a clean Debian, and what they make run as compose.yaml starts it.

`make image-test` asks for it, as root and with debootstrap: it installs a Debian, which takes minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.clean_root import Container, Stage, Started, build, clean_debian

from tests.docs.pages import PROJECT
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, YAMADA, Town, open_town

yaml: Any = pytest.importorskip("yaml")

DEBIAN = os.environ.get("IMAGE_TEST", "")
"""The environment's name of the folder in which the clean Debian is kept."""

COMPOSE = ("compose.yaml", "compose.postgres.yaml")
SOMEBODY = "4321:4321"
pytestmark = [
    pytest.mark.skipif(not DEBIAN, reason="only `make image-test` asks for it"),
    pytest.mark.timeout(1800),
]


@pytest.fixture(scope="module")
def debian() -> Path:
    assert os.geteuid() == 0, "it needs root, for chroot"
    assert shutil.which("debootstrap"), "it needs debootstrap: apt-get install debootstrap"
    return clean_debian(Path(DEBIAN))


@pytest.fixture(scope="module")
def image(debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("image")
    yield build(PROJECT, debian, folder)
    shutil.rmtree(folder)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path) as made:
        yield made


def service(image: Stage, folder: Path, user: str) -> Container:
    """Returns the desk of compose.yaml, with `data` and `secrets` in a folder."""
    desk = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))["services"]["desk"]
    [data] = (one.split(":") for one in desk["volumes"])
    mounts = {data[1]: folder / data[0], "/run/secrets": folder / "secrets"}
    return Container(image, mounts, desk["environment"], user)


def owned(folder: Path, user: str) -> None:
    for path in (folder, *folder.iterdir()):
        os.chown(path, *map(int, user.split(":")))


def healthy(started: Started) -> bool:
    """Waits until its health check says so; False if it ended."""
    return wait(lambda: started.healthy() or started.process.poll() is not None, HANG) and started.healthy()


@pytest.mark.parametrize("choose", [lambda image: image.user, lambda _: SOMEBODY], ids=["nobody", "somebody"])
def test_the_desk_forwards_from_its_container_ends_when_told_and_keeps_its_data(
    choose: Callable[[Stage], str], image: Stage, sandbox: Town
) -> None:
    folder, user = sandbox.folder, choose(image)
    secrets = folder / "secrets"
    for place in (folder / "data", secrets):
        place.mkdir(mode=0o700)
    for name, token in sandbox.environ.items():
        (secrets / name.lower()).write_text(token, encoding="utf-8")
        (secrets / name.lower()).chmod(0o600)
    sandbox.database = "sqlite:///threatstamp.db"
    shutil.move(sandbox.settle(), folder / "data")
    owned(folder / "data", user)
    owned(secrets, user)
    desk = service(image, folder, user)

    code, out = desk.start("check").end(HANG)
    assert code == 0, out
    for number in (1, 2):
        started = desk.start()
        assert not started.healthy()
        assert healthy(started), started.stop(HANG)
        ts = sandbox.post(link=f"https://news.example/{number}")
        sandbox.workspace.react(YAMADA, NEWS, ts, "rotating_light")
        sandbox.wait_for_message(ALERT, count=number)
        code, out = started.stop(HANG)
        assert code == 0, out
        assert out.rstrip().endswith(" ended"), (
            out
        )  # it closed in order, and was not cut off by its own guard
    assert len(sandbox.workspace.messages(ALERT)) == 2
    code, out = desk.start("ledger", "verify", "--records").end(HANG)
    assert code == 0, out
    there = {path.name for path in (folder / "data").iterdir()}
    assert {"threatstamp.toml", "threatstamp.db"} <= there
    assert all(path.stat().st_uid == int(user.split(":")[0]) for path in (folder / "data").iterdir())


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_itself_reads_the_file(name: str, debian: Path, tmp_path: Path) -> None:
    project = debian / "tmp" / "project"
    project.mkdir(exist_ok=True)
    for file in (*COMPOSE, "Containerfile"):
        shutil.copy(PROJECT / file, project)
    (project / ".env").write_text("POSTGRES_PASSWORD=1234\n", encoding="utf-8")
    words = ["chroot", str(debian), "docker-compose", "--project-directory", "/tmp/project"]
    done = subprocess.run(
        [*words, "-f", f"/tmp/project/{name}", "config"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    made = yaml.safe_load(done.stdout)["services"]["desk"]
    assert made["user"] == "10001:10001"
