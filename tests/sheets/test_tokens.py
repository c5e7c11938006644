"""Tokens by google-auth: from a service account's key, over our own client, and from what the machine has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.googlesheets import SPREADSHEET, FakeGoogle, fake_google, service_account
from threatstamp.core.errors import SheetError
from threatstamp.sheets.client import SheetsClient

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


@pytest.mark.parametrize("content", ["", "[]", '{"type": "authorized_user"}', "\x00\xff", None, "secret"])
def test_a_file_that_is_no_key_is_named_without_its_content(
    google: FakeGoogle, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "key.json"
    if content == "secret":
        values = json.loads(service_account(google, tmp_path).read_text())
        content = json.dumps({**values, "private_key": values["private_key"][:300]})
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    sheets = client(google, file)
    with pytest.raises(SheetError, match=r"^sheets_key$") as caught:
        sheets.read("'record'!A1:A")
    assert caught.value.values == {"file": "key.json"}
    assert caught.value.__cause__ is None
    sheets.close()


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


def test_application_default_credentials_may_name_a_key(
    google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(service_account(google, tmp_path)))
    sheets = client(google, None)
    assert sheets.read("'record'!A1:A") == ((("key",), ("a",)),)
    sheets.close()
