"""Tokens by google-auth: from a service account's key, over our own client, and from what the machine has."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.googlesheets import SPREADSHEET, FakeGoogle, fake_google, service_account
from threatstamp.core.errors import SheetError
from threatstamp.sheets.client import SheetsClient
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.codes import say_code

pytest.importorskip("google.auth", reason="the extra `sheets` is not installed")


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with fake_google() as made:
        made.tokens.clear()
        made.tabs["record"] = [["key"], ["a"]]
        yield made


def client(google: FakeGoogle, credentials: Path | None) -> SheetsClient:
    return SheetsClient(api_url=google.url, spreadsheet=SPREADSHEET, credentials=credentials, environ={})


def test_a_service_accounts_key_becomes_a_token_at_the_address_that_it_names(
    google: FakeGoogle, tmp_path: Path
) -> None:
    sheets = client(google, service_account(google, tmp_path))
    for _ in range(2):
        assert sheets.read("'record'!A1:A") == ((("key",), ("a",)),)
    assert google.seen == ["POST token", "GET values:batchGet", "GET values:batchGet"]
    sheets.close()


def test_a_token_that_google_refuses_is_replaced(google: FakeGoogle, tmp_path: Path) -> None:
    sheets = client(google, service_account(google, tmp_path))
    sheets.read("'record'!A1:A")
    google.tokens.clear()
    sheets.read("'record'!A1:A")
    assert google.seen.count("POST token") == 2
    sheets.close()


@pytest.mark.parametrize(
    ("fault", "code", "permanent"), [(400, "sheets_unauthorized", True), (401, "sheets_unauthorized", True)]
)
def test_a_key_that_was_deleted_is_a_persons_business(
    google: FakeGoogle, tmp_path: Path, fault: int, code: str, permanent: bool
) -> None:
    google.token_faults.extend([fault] * 9)
    sheets = client(google, service_account(google, tmp_path))
    with pytest.raises(SheetError) as caught:
        sheets.read("'record'!A1:A")
    assert (caught.value.code, caught.value.permanent) == (code, permanent)
    assert caught.value.values["account"] == "desk@example.iam.gserviceaccount.com"
    sheets.close()


def test_a_token_server_that_cannot_be_reached_is_waited_for(google: FakeGoogle, tmp_path: Path) -> None:
    file = service_account(google, tmp_path)
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, "token_uri": "http://127.0.0.1:9/token"}))
    sheets = client(google, file)
    with pytest.raises(SheetError, match="sheets_network") as caught:
        sheets.read("'record'!A1:A")
    assert not caught.value.permanent
    sheets.close()


NO_KEY = {
    "empty": b"",
    "a list": b"[]",
    "no text": b"\x00\xff",
    "no JSON": b"-----BEGIN PRIVATE KEY-----",
    "deep": b"[" * 100_000,
    "half a file": b'{"type": "service_account", "private_key": "-----BEGIN',
    "nothing in it": b'{"type": "service_account"}',
}
OTHERS: dict[str, dict[str, object]] = {
    "authorized_user": {"client_id": "x", "client_secret": "geheim", "refresh_token": "geheim"},
    "external_account": {"audience": "x", "credential_source": {"file": "/geheim"}},
    "impersonated_service_account": {"source_credentials": {"private_key": "geheim"}},
}


def refused(google: FakeGoogle, file: Path | None) -> SheetError:
    """Returns why these credentials are none, having seen that there is a sentence without what is in them."""
    sheets = client(google, file)
    with pytest.raises(SheetError) as caught:
        sheets.read("'record'!A1:A")
    sheets.close()
    assert caught.value.__cause__ is None
    assert caught.value.permanent
    for language in Language:
        said = say_code(Texts(language), caught.value.code)
        assert len(said) > 30
        assert "geheim" not in f"{said} {caught.value.values}"
    return caught.value


@pytest.mark.parametrize("content", NO_KEY.values(), ids=NO_KEY)
def test_a_file_that_is_no_key_is_named_without_its_content(
    google: FakeGoogle, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "key.json"
    file.write_bytes(content)
    error = refused(google, file)
    assert (error.code, error.values) == ("sheets_key", {"file": "key.json"})


@pytest.mark.parametrize("length", [0, 40, 300, -40])
def test_a_key_that_is_cut_is_no_key(google: FakeGoogle, tmp_path: Path, length: int) -> None:
    file = service_account(google, tmp_path)
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, "private_key": values["private_key"][:length]}))
    assert refused(google, file).code == "sheets_key"


@pytest.mark.parametrize("kind", OTHERS)
def test_credentials_of_another_kind_are_called_so(google: FakeGoogle, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps({"type": kind, **OTHERS[kind]}))
    assert refused(google, file).code == "sheets_key_kind"


def test_a_file_that_is_not_there_or_may_not_be_read_is_said_to_be_unreadable(
    google: FakeGoogle, tmp_path: Path
) -> None:
    assert refused(google, tmp_path / "nowhere.json").code == "sheets_key_file"
    assert refused(google, tmp_path).code == "sheets_key_file"
    file = service_account(google, tmp_path)
    file.chmod(0)
    if not os.access(file, os.R_OK):  # root may read it all the same
        assert refused(google, file).code == "sheets_key_file"


@pytest.mark.parametrize("kind", OTHERS)
def test_default_credentials_that_lead_nowhere_are_said_to_be_none(
    google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    file = tmp_path / "adc.json"
    file.write_text(json.dumps({"type": kind, **OTHERS[kind], "client_id": None}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    assert refused(google, None).code in ("sheets_no_credentials", "sheets_unauthorized")


def test_a_machine_without_credentials_says_so(
    google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    sheets = client(google, None)
    with pytest.raises(SheetError, match="sheets_no_credentials"):
        sheets.read("'record'!A1:A")
    sheets.close()


def test_without_the_library_that_signs_keys_that_is_said(
    google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.oauth2.service_account", None)
    sheets = client(google, service_account(google, tmp_path))
    with pytest.raises(SheetError, match="sheets_library"):
        sheets.read("'record'!A1:A")
    sheets.close()


def test_application_default_credentials_may_name_a_key(
    google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(service_account(google, tmp_path)))
    sheets = client(google, None)
    assert sheets.read("'record'!A1:A") == ((("key",), ("a",)),)
    sheets.close()
