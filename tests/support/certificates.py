"""A certificate for a test's server, made by Debian's openssl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path) -> Path:
    """Returns a file with a certificate for feeds.test and localhost and its key; the .crt beside it has no key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    file = folder / "feeds.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=feeds.test", "-addext", "subjectAltName=DNS:feeds.test,DNS:localhost",
        "-keyout", file, "-out", file.with_suffix(".crt")], check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes(file.read_bytes() + file.with_suffix(".crt").read_bytes())
    return file
