"""What people call the columns of a list of products, and what they write into some of them."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.config.columns import Columns
from threatstamp.core.assets.product import Criticality, Where


def names_of(english: str, japanese: str = "") -> tuple[str, ...]:
    """Returns names that are written with commas between them."""
    return tuple(name.strip() for name in f"{english},{japanese}".split(",") if name.strip())


COLUMNS = Columns(
    names={
        "name": names_of(
            "name, product, product name, software, system, asset, item",
            "製品名, 製品, 名称, 名前, ソフトウェア, ソフトウェア名, ソフト名, システム, システム名, 資産名,"
            "機器名, サービス名",
        ),
        "aliases": names_of(
            "aliases, alias, also known as, other names", "別名, 別称, 呼び名, 通称, 略称, キーワード"
        ),
        "vendor": names_of(
            "vendor, maker, manufacturer, publisher, developer",
            "ベンダー, ベンダ, ベンダー名, メーカー, メーカ, メーカー名, 開発元, 製造元, 提供元",
        ),
        "version": names_of("version, ver, ver.", "バージョン, 版, 版数, 使用バージョン, 利用バージョン"),
        "cpe": names_of("cpe, cpe 2.3", "cpe名"),
        "purl": names_of("purl, package url"),
        "owner": names_of(
            "owner, responsible", "担当, 担当者, 管理者, 所有者, 責任者, 管理部門, 担当部署, 管理責任者"
        ),
        "where": names_of("where, place, location", "設置場所, 場所, 利用場所, 設置区分, 利用形態"),
        "exposed": names_of(
            "exposed, internet, public", "公開, 外部公開, インターネット公開, インターネットからの到達"
        ),
        "criticality": names_of("criticality, importance", "重要度"),
        "tags": names_of("tags, tag, category", "タグ, 分類, カテゴリ, カテゴリー"),
        "": ("", *names_of("no, no., #, note, notes, memo, comment, remarks", "備考, メモ, 番号, コメント")),
    },
    required=("name",),
)


def _meaning(value: str | bool, words: str) -> dict[str, str | bool]:
    return dict.fromkeys(names_of(words), value)


WORDS: Mapping[str, Mapping[str, str | bool]] = {
    "where": {
        **_meaning(Where.STAFF.value, "pc, 社員, 社員pc, 社内pc, 端末, クライアント, クライアントpc"),
        **_meaning(Where.SERVER.value, "サーバ, サーバー, servers, オンプレ, オンプレミス"),
        **_meaning(Where.SAAS.value, "クラウド, cloud, クラウドサービス"),
        **_meaning(Where.NETWORK.value, "ネットワーク, ネットワーク機器, nw, nw機器"),
    },
    "criticality": {
        **_meaning(Criticality.HIGH.value, "高, 高い, 大, h, a"),
        **_meaning(Criticality.MEDIUM.value, "中, 中程度, 普通, m, b, middle, normal"),
        **_meaning(Criticality.LOW.value, "低, 低い, 小, l, c"),
    },
    "exposed": {
        **_meaning(True, "yes, y, true, 1, ○, ◯, 〇, はい, 有, あり, 公開, する"),  # noqa: FBT003
        **_meaning(False, "no, n, false, 0, ×, ✕, x, いいえ, 無, なし, 非公開, しない"),  # noqa: FBT003
    },
}
"""What people write in a list instead of the values that the settings file knows, in NFKC and lower case."""
