"""Names that are also everyday words, and what must stand beside them to be a product's.

"Teams" in "teams must patch", "Edge" in "edge devices" and "Word" in "word of mouth" are no products. That a
text is about flaws says nothing: all of them are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto

from threatstamp.core.assets.folding import fold

SHORT = 2
"""Latin names up to this many letters never stand alone."""

_WORDS = """
access acrobat agent air analyzer angular antivirus apache app apps archer argo aria arrow aspect atlas
aurora automate backlog backup bamboo base basic beam bind black blender board box brave bridge browser
bubble cache cactus calendar camel canvas carbon central chat chef client cloud cloudy code commerce
community compass composer computer connect connector console consul contact control core cortex cost
crew cube cups cursor curve data database defender delta desktop director discord discover docs document
documents domino dream drift drive drop dynamics easy echo edge electron elements engage engine
enterprise envoy epic essentials excel exchange expedition explorer express falcon fast fire firewall
flash flow forms foundation foundry fusion gallery gate gateway general ghost gin git go graph guard
guardian harbor harmony helix hive home horizon hub ignite image insight inspire internet jet journey
juniper keeper kernel key keys lambda lens lifecycle light line linear link live loader local looker mail
make manager map maps master maven media meet meeting memory messenger meta micro mint mirror mobile
monitor motion nano native net network next node nomad norton note notebook notes notion nova oasis
office one open opera operator optimizer orange orchestrator orchid orion outlook pages paint panel
panorama password patch peak phone photo photos pilot ping pipeline planner platform play player point
portal power present prime print printer prism prisma pro process project protect proxy publisher pulse
puppet python query quest radar rails react reader record recorder remote report reporting rocket router
ruby rust safari safe salt samba sandbox scout script search secure security sense sensor sentinel server
servers service services shield shop signal simple site sketch slack smart snow snowflake software solo
spark sphere splash spring squid stack standard star station storage storm stream struts studio suite
support surface swift switch symphony sync system systems tableau tasks team teams tempo terminal test
tide tools touch trace track transfer tree trio trust tunnel turbo umbrella unbound unity update varnish
vault vector vega video view viewer vision vista visual vue wave web whiteboard wiki word words work
workday workflow works workspace workstation world zoom
"""
COMMON = frozenset(fold(word) for word in _WORDS.split())
"""English words that are products' names, too, and such as say nothing; in the form of `fold`."""

_KANA_WORDS = """
アクセス アウトルック ワード エッジ エクセル エクスチェンジ オフィス クローム サファリ
サーバ システム シグナル スラック スマート ズーム スプリング ソフト チーム
チームズ ノート ネットワーク ボックス プロジェクト ブラウザ メール ライン ルーター
奉行 弥生 楽楽
"""
_COMMON_KANA = frozenset(fold(word) for word in _KANA_WORDS.split())

_PARTICLE = re.compile(
    r"\s*(?:[のにでをはがとやもへ、。,「」『』)】・:!?…]|から|など|向け|用|版|上|ユーザ|利用|アプリ|クライアント"
    r"|経由|言語|サーバ|\Z)"
)
_TELLING = re.compile(
    r"\s(?:patches|fixes|releases|warns|addresses|discloses|users|vulnerabilit(?:y|ies)|flaws?|bugs?|zero-days?"
    r"|(?:for|on) (?:windows|macos|mac|linux|android|ios)|\d+\.\d)"
)
_TOLD = re.compile(r"(?:flaws?|vulnerabilit(?:y|ies)|bugs?|holes?|zero-days?) in\s\Z")
_THINGS = re.compile(
    r"\s(?:devices?|appliances?|routers?|nodes?|computing|servers?|products?|gateways?|controls?|systems?|process|of)\b"
)
_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_LATIN = re.compile("[0-9a-z_]")
_GLUE = re.compile(
    r"(?:[\s「」『』()【】\[\]:、,・/&]|の|製|社|と|や|および|及び|(?<![a-z])(?:and|or|by)(?![a-z])|'s){1,6}"
)
_GLUE_BEFORE = re.compile(rf"{_GLUE.pattern}\Z")
_NEAR = 40


class Letters(Enum):
    """What the letters around a name, in Latin script, say of it."""

    NAMED = auto()
    """The word before it may be a part of a name: "Remote Access"."""
    SMALL = auto()
    """The word before it is in small letters: "an Exchange Bug"."""
    ALONE = auto()
    """So are most words, the one behind it, too: who writes "hackers abuse Teams to phish" means a name."""


def is_common(name: str) -> bool:
    """True for a name that needs something beside it to be a product's."""
    key = fold(name)
    letters = re.sub(r"[\W_]", "", name)
    return (
        key in COMMON
        or key in _COMMON_KANA
        or len(letters) <= 1
        or (name.isascii() and len(letters) <= SHORT)
    )


def is_product(
    text: str, start: int, end: int, *, vendors: Iterable[str], after: int | None, case: Letters
) -> bool:
    """Tells whether a common name at this place of a normal text names a product.

    vendors: words, in normal form, one of which beside it settles it. after: where the last product that was
    found ends: "Teams, Edge and Word" is a list of them.
    """
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if _is_beside(before, behind, vendors) or (after is not None and _joins(text, after, start)):
        return True
    if end - start <= SHORT:
        return False
    if _TOLD.search(before) and not _THINGS.match(behind):
        return True
    left, right = before.rstrip()[-1:], behind.lstrip()[:1]
    if _LATIN.match(left):
        if case is Letters.NAMED or _THINGS.match(behind):
            return False
        return case is Letters.ALONE or bool(_TELLING.match(behind))
    if _TELLING.match(behind):
        return True
    is_alone = not _LATIN.match(right) and bool(_PARTICLE.match(behind))
    return is_alone and bool(_JAPANESE.match(left) or _JAPANESE.match(_first_word(behind)))


def _is_beside(before: str, behind: str, vendors: Iterable[str]) -> bool:
    glue, joined = _GLUE_BEFORE.search(before), _GLUE.match(behind)
    left = before[: glue.start()] if glue else before
    right = behind[joined.end() :] if joined else behind
    return any(
        _ends(left, vendor) or (right.startswith(vendor) and not _continues(right, vendor))
        for vendor in vendors
    )


def _ends(left: str, vendor: str) -> bool:
    return left.endswith(vendor) and not (
        vendor[0].isascii() and bool(_LATIN.match(left[: -len(vendor)][-1:]))
    )


def _continues(right: str, vendor: str) -> bool:
    return vendor[-1].isascii() and bool(_LATIN.match(right[len(vendor) :][:1]))


def _joins(text: str, after: int, start: int) -> bool:
    return (
        0 < start - after <= 8
        and _GLUE.fullmatch(text, after, start) is not None
        and (text[after:start].strip() != "")
    )


def _first_word(behind: str) -> str:
    return behind.lstrip(" 「」『』()【】・:!?、。,…")[:1]
