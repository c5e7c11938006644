"""Lists of versions as other programs and people write them."""

from __future__ import annotations

import pytest

from threatstamp.config.installed import ListError, read_installed


@pytest.mark.parametrize(
    ("text", "people", "app"),
    [
        (
            "Email Address,Computer Name,Application,Version\nSato@x.example,PC1,Chrome,155\n",
            ("sato@x.example",),
            "Chrome",
        ),
        (
            "DeviceName;ApplicationName;ApplicationVersion;UserName\nPC1;Chrome;155;佐藤\n",
            ("佐藤",),
            "Chrome",
        ),
        (
            "端末の一覧\n\nメールアドレス\t氏名\t端末名\tバージョン\nS@x.example\t佐藤\tPC1\t155\n",
            ("s@x.example", "佐藤"),
            "",
        ),
        ("利用者,ブラウザのバージョン,部署\n,155,総務\n", (), ""),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "utf-16"])
def test_headings_of_both_languages_and_all_encodings_are_read(
    text: str, people: tuple[str, ...], app: str, encoding: str
) -> None:
    [row] = read_installed(text.encode(encoding))
    assert (row.people, row.app, row.version) == (people, app, "155")
    assert row.line == text.rstrip().count("\n") + 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04", "workbook"),
        (b"\xff\xfe\x00", "encoding"),
        (b"", "heading"),
        (b"name,device\nsato,PC1\n", "heading"),
        (b"version,device\n155,PC1\n", "heading"),
        (b'user,version\nsato,"155\n', "csv"),
        (b"user,version\n" + b"sato,155\n" * 100_001, "long"),
    ],
)
def test_what_is_no_list_is_said(content: bytes, name: str) -> None:
    with pytest.raises(ListError) as error:
        read_installed(content)
    assert error.value.name == name
