"""The container's files name what is there: commands, settings, files, variables; and they fit each other.

No engine is needed. The steps themselves are done by `make image-test`.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
from tools.clean_root import steps

from tests.docs.pages import PROJECT
from threatstamp.cli import cli
from threatstamp.config.addresses import listen_place
from threatstamp.config.reference import ENVIRONMENT, FROM_FILES
from threatstamp.config.settings import read_settings
from threatstamp.store.connection import driver_url
from threatstamp.web.health import Answers, health_routes
from threatstamp.web.server import WebServer

yaml: Any = pytest.importorskip("yaml")

COMPOSE = ("compose.yaml", "compose.postgres.yaml")
OF_LIBPQ = {"PGPASSWORD"}


def of_last_stage(name: str) -> list[str]:
    found = steps(PROJECT)
    begin = max(number for number, (step, _) in enumerate(found) if step == "FROM")
    return [said for step, said in found[begin:] if step == name]


def compose(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))
    return found


def parsed(words: list[str]) -> click.Context:
    """Returns a command line of ours as click understands it. Raises click.UsageError."""
    ctx = cli.make_context("threatstamp", list(words), resilient_parsing=False)
    [*_, name] = [words[0]]
    command = cli.get_command(ctx, name)
    assert command is not None, f"there is no `threatstamp {name}`"
    return command.make_context(name, words[1:], parent=ctx)


def test_what_is_copied_into_the_image_is_there_and_goes_to_the_engine() -> None:
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    sources = [
        word
        for step, said in steps(PROJECT)
        if step == "COPY" and "--from" not in said
        for word in said.split()[:-1]
    ]
    assert {source.split("/")[0] for source in sources} == let_in
    assert all((PROJECT / source).exists() for source in sources)
    pyproject = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'readme = "README.md"' in pyproject
    assert not any(fnmatch(name, pattern) for name in ("secrets", "data", ".env") for pattern in let_in)


def test_packages_are_installed_by_their_hashes_and_nothing_else_is() -> None:
    installs = [said for step, said in steps(PROJECT) if step == "RUN" and "pip install" in said]
    assert len(installs) == 3
    for said in installs:
        by_hash = re.search(r"--require-hashes -r (\S+)$", said)
        if by_hash:
            assert "--hash=sha256:" in (PROJECT / by_hash[1]).read_text(encoding="utf-8")
        else:
            assert "--no-deps dist/" in said


def test_the_image_runs_as_nobody_in_particular_with_one_volume_that_it_works_in() -> None:
    [user], [folder], [volume] = map(of_last_stage, ("USER", "WORKDIR", "VOLUME"))
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert folder == volume
    owner = user.split(":")[0]
    assert any(f"-o {owner} " in said and said.endswith(f" {volume}") for said in of_last_stage("RUN"))
    path = next(word for said in of_last_stage("ENV") for word in said.split() if word.startswith("PATH="))
    built = next(said for said in of_last_stage("COPY") if "--from=build" in said).split()[-1]
    assert path == f"PATH={built}/bin:$PATH"


def test_what_the_image_starts_is_a_command_with_health_where_the_check_looks() -> None:
    [entry], [words] = of_last_stage("ENTRYPOINT"), of_last_stage("CMD")
    assert json.loads(entry) == ["threatstamp"]
    with parsed(json.loads(words)) as ctx:
        place = listen_place(ctx.params["listen"])
    assert place is not None
    assert repr(place[0]) in health_check()[-1]
    assert f" {place[1]}," in health_check()[-1]


def health_check() -> list[str]:
    [said] = of_last_stage("HEALTHCHECK")
    found: list[str] = json.loads(said.partition(" CMD ")[2])
    return found


def test_the_health_check_follows_health_and_goes_through_no_proxy() -> None:
    reasons: list[dict[str, str]] = []
    server = WebServer(
        health_routes(Answers(health=lambda: reasons, readiness=list)), host="127.0.0.1", port=0
    )
    server.start()
    [python, option, code] = health_check()
    assert (python, option) == ("python", "-c")
    environ = {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}

    def check() -> int:
        words = [sys.executable, "-c", code.replace("3000", str(server.port))]
        return subprocess.run(words, env=environ, capture_output=True, check=False).returncode

    assert check() == 0
    reasons.append({"part": "database"})
    assert check() == 1
    server.close()
    assert check() == 1


@pytest.mark.parametrize("name", COMPOSE)
def test_a_compose_file_names_what_is_there(name: str) -> None:
    found = compose(name)
    desk = found["services"]["desk"]
    assert (PROJECT / desk["build"]["context"] / desk["build"]["dockerfile"]).is_file()
    for variable, value in desk["environment"].items():
        if variable.endswith("_FILE"):
            assert variable.removesuffix("_FILE") in FROM_FILES
            assert value.removeprefix("/run/secrets/") in desk["secrets"]
        else:
            assert variable in {*ENVIRONMENT, *OF_LIBPQ}
    assert set(desk["secrets"]) == set(found["secrets"])
    [volume] = of_last_stage("VOLUME")
    assert [one.split(":")[1] for one in desk["volumes"]] == [volume]
    assert desk["read_only"]
    assert desk["user"].endswith(f"{of_last_stage('USER')[0]}}}")
    assert int(desk["stop_grace_period"].removesuffix("s")) > 10  # `run` ends within ten


@pytest.mark.parametrize("name", COMPOSE)
def test_the_commands_in_a_compose_file_are_commands(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    lines = re.findall(r"docker compose (?:run --rm desk|exec desk threatstamp) (.+)$", text, re.MULTILINE)
    for line in lines:
        parsed(shlex.split(line, comments=True)).close()
    assert len(lines) == (3 if name == "compose.yaml" else 0)
    named = re.findall(r"COMPOSE_FILE=([\w.]+)", text)  # so that the lines of compose.yaml mean this file
    assert named == ([] if name == "compose.yaml" else [name])
    ignored = (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/", "secrets/", ".env"} <= set(ignored)


def test_two_workers_share_the_database_that_is_beside_them(tmp_path: Path) -> None:
    text = (PROJECT / "compose.postgres.yaml").read_text(encoding="utf-8")
    services = compose("compose.postgres.yaml")["services"]
    assert services["desk"]["deploy"]["replicas"] == 2
    line = re.search(r'database = "[^"]+"', text)
    assert line
    file = tmp_path / "threatstamp.toml"
    file.write_text(
        f'language = "en"\n{line[0]}\n[[sources]]\nchannel = "#news"\n'
        '[[routes]]\nreaction = "eyes"\nto = ["#sec-alert"]\n',
        encoding="utf-8",
    )
    url = driver_url(read_settings(file, {}).database)
    there = services["database"]["environment"]
    assert (url.host, url.username, url.database) == (
        "database",
        there["POSTGRES_USER"],
        there["POSTGRES_DB"],
    )
    password = re.compile(r"\$\{(\w+)")
    used = [
        password.search(value)
        for value in (there["POSTGRES_PASSWORD"], services["desk"]["environment"]["PGPASSWORD"])
    ]
    assert {found[1] for found in used if found} == {"POSTGRES_PASSWORD"}
    assert 'echo "POSTGRES_PASSWORD=' in text
