"""Lists of what is installed where, as CSV from a managed browser, a device management or a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.config.cells import CellsError, find_heading, is_workbook, read_cells, unguarded
from threatstamp.core.cases.installed import Installed

MOST_ROWS = 100_000

_NAMES: Mapping[str, tuple[str, ...]] = {
    "email": (
        *("email", "e-mail", "mail", "email address", "emailaddress", "user email", "primary user email"),
        *("userprincipalname", "user principal name", "upn", "primary user upn", "associated profile email"),
        *(
            "メール",
            "メールアドレス",
            "eメール",
            "ユーザーのメールアドレス",
            "プライマリ ユーザーの電子メール アドレス",
        ),
    ),
    "user": (
        *("user", "username", "user name", "userid", "user id", "slack id", "member id", "owner"),
        *("primary user", "primary user display name", "display name", "displayname", "full name", "name"),
        *("last user", "last signed in user", "assigned user", "assigned to", "login", "employee"),
        *(
            "ユーザー",
            "ユーザ",
            "ユーザー名",
            "ユーザ名",
            "ユーザーid",
            "利用者",
            "利用者名",
            "使用者",
            "使用者名",
        ),
        *(
            "氏名",
            "名前",
            "表示名",
            "社員名",
            "従業員名",
            "担当者",
            "ログインユーザー",
            "プライマリ ユーザー",
        ),
    ),
    "app": (
        *("app", "app name", "application", "application name", "applicationname", "appname"),
        *("software", "software name", "product", "product name", "display name of app", "program"),
        *(
            "アプリ",
            "アプリ名",
            "アプリケーション",
            "アプリケーション名",
            "ソフト",
            "ソフト名",
            "ソフトウェア",
        ),
        *("ソフトウェア名", "ソフトウエア", "ソフトウエア名", "製品", "製品名", "プログラム名"),
    ),
    "version": (
        *("version", "ver", "ver.", "app version", "application version", "applicationversion"),
        *("appversion", "browser version", "installed version", "software version", "product version"),
        *("バージョン", "バージョン情報", "アプリのバージョン", "アプリ バージョン", "ブラウザのバージョン"),
        *("ブラウザー バージョン", "ソフトウェアバージョン", "インストール済みバージョン", "版"),
    ),
}
_BY_NAME = {name: column for column, names in _NAMES.items() for name in names}


class ListError(ValueError):
    """A list cannot be read. name: of a sentence in `versions`. line: where, 0 for all of it."""

    def __init__(self, name: str, *, line: int = 0) -> None:
        super().__init__(name)
        self.name = name
        self.line = line


def read_installed(content: bytes) -> tuple[Installed, ...]:
    """Returns the rows; columns that are not ours may stand beside. Raises ListError."""
    if is_workbook(content):
        raise ListError("workbook")
    try:
        cells = list(read_cells(content, lambda rows: find_heading(rows, _BY_NAME, ("version",))))
    except CellsError as error:
        raise ListError("csv" if error.line else "encoding", line=error.line or 0) from error
    heading = find_heading(cells, _BY_NAME, ("version",))
    if heading is None or not heading.has("version") or not (heading.has("email") or heading.has("user")):
        raise ListError("heading")
    if len(cells) > MOST_ROWS:
        raise ListError("long")
    found = []
    for line, row in cells[heading.at + 1 :]:
        said: dict[str, str] = {}
        for column, cell in zip(heading.columns, row, strict=False):
            if column and unguarded(cell):
                said.setdefault(column, unguarded(cell))
        people = tuple(said[one].casefold() for one in ("email", "user") if one in said)
        found.append(
            Installed(line=line, people=people, app=said.get("app", ""), version=said.get("version", ""))
        )
    return tuple(found)
