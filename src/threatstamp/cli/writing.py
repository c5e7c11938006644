"""Files that commands write: complete or not there, and for their owner alone."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from threatstamp.cli.speech import reason_of_output
from threatstamp.texts.catalogue import Texts


def write_file(
    output: Path, parts: Iterable[str | bytes], texts: Texts, *, failed: str, bom: bool = False
) -> int:
    """Writes beside the target and moves it there: what breaks off leaves no half of a file.

    failed: the key of the sentence, with {path} and {reason}, that is said before it ends with exit code 1.
    bom: spreadsheets take a file for UTF-8 only with this mark. Returns how many parts there were.
    """
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    count = 0
    try:
        with open(beside, "wb", opener=_for_owner_alone) as file:
            file.write(codecs.BOM_UTF8 if bom else b"")
            for part in parts:
                file.write(part if isinstance(part, bytes) else part.encode())
                count += 1
        beside.replace(output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        click.echo(texts(failed, path=output, reason=reason_of_output(error, texts)), err=True)
        sys.exit(1)
    return count


def _for_owner_alone(path: str, flags: int) -> int:
    """Opens a file as the database is opened: it holds the same words of people."""
    return os.open(path, flags, 0o600)
