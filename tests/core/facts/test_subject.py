"""A story's kind and layer follow from weighed words, and say from which."""

from __future__ import annotations

import pytest

from threatstamp.config.kinds import kind_rules
from threatstamp.core.facts.subject import KindRules, OwnWord, StoryKind, clue, revised, subject_of
from threatstamp.core.news.feed import Layer

RULES = KindRules(
    least=4,
    kinds={
        StoryKind.VULNERABILITY: (clue("脆弱性", 4), clue("flaw*", 4), clue("id:cve", 3)),
        StoryKind.EXPLOITED: (clue("悪用", 5), clue("悪用されていない", -9), clue("サーバー + 攻撃", 5)),
        StoryKind.PHISHING: (clue("SMS", 4), clue("詐欺", 4)),
    },
    layers={Layer.TACTICAL: (clue("手口", 4),), Layer.STRATEGIC: (clue("調査", 4),)},
    usual=dict.fromkeys(StoryKind, Layer.OPERATIONAL),
    leading={StoryKind.PHISHING: (Layer.TACTICAL,)},
)


@pytest.mark.parametrize(
    ("title", "kind", "why"),
    [
        ("製品に脆弱性", StoryKind.VULNERABILITY, ("脆弱性",)),
        ("脆弱性が悪用される", StoryKind.EXPLOITED, ("悪用",)),
        ("脆弱性、悪用されていない", StoryKind.VULNERABILITY, ("脆弱性",)),  # what speaks against a kind
        ("Two FLAWS found", StoryKind.VULNERABILITY, ("flaw*",)),
        ("Two flaws、詐欺", StoryKind.VULNERABILITY, ("flaw*",)),  # equal: the upper kind
        ("偽のＳＭＳに注意", StoryKind.PHISHING, ("SMS",)),  # a whole Latin word between kana
        ("SMSC settings", StoryKind.OTHER, ()),
        ("サーバ－への攻撃", StoryKind.EXPLOITED, ("サーバー + 攻撃",)),  # both, however the sign is written
        ("サーバーの話", StoryKind.OTHER, ()),
        ("", StoryKind.OTHER, ()),
    ],
)  # fmt: skip
def test_the_weightiest_words_decide_and_are_named(title: str, kind: StoryKind, why: tuple[str, ...]) -> None:
    found = subject_of(title, "", (), RULES)
    assert (found.kind, found.why) == (kind, why)


def test_a_word_of_the_title_counts_twice_one_of_the_text_once() -> None:
    assert subject_of("詐欺", "脆弱性", (), RULES).kind is StoryKind.PHISHING
    assert subject_of("お知らせ", "脆弱性", (), RULES).kind is StoryKind.VULNERABILITY


def test_what_was_read_out_of_a_text_counts_as_a_word() -> None:
    assert subject_of("お知らせ", "", ["id:cve"], RULES).kind is StoryKind.VULNERABILITY
    assert subject_of("id:cve", "", [], RULES).kind is StoryKind.OTHER  # nobody can write it into a headline


def test_words_move_a_story_only_to_the_layers_that_its_kind_can_have() -> None:
    assert subject_of("詐欺", "", (), RULES).layer is Layer.OPERATIONAL
    assert subject_of("詐欺の手口", "", (), RULES).layer is Layer.TACTICAL
    assert subject_of("詐欺の調査", "", (), RULES).layer is Layer.OPERATIONAL


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("架空ゲートの脆弱性、悪用は確認されていない", "vulnerability"),
        ("架空ゲートの脆弱性が悪用される", "exploited"),
        ("脆弱性診断サービスの提供を開始", "other"),
        ("フィッシング対策ガイドラインを改訂", "guidance"),
        ("病院がランサムウェアに感染し診療を停止", "incident"),
        ("Monthly patches: updates for the office suite released", "update"),
        ("No evidence of exploitation of the new flaw", "vulnerability"),
        ("Average cost of a breach rises, survey finds", "guidance"),
    ],
)  # fmt: skip
def test_the_built_in_rules_know_what_denies_and_what_only_sounds_alike(title: str, kind: str) -> None:
    assert subject_of(title, "", (), kind_rules()).kind == kind


def test_the_built_in_rules_are_complete() -> None:
    rules = kind_rules()
    assert set(rules.kinds) == set(StoryKind) == set(rules.usual)
    assert set(rules.layers) == set(Layer)


def test_words_of_ones_own_are_added_replace_what_says_the_same_and_take_it_out() -> None:
    own = (
        OwnWord(said="社内警報", weight=6, of=StoryKind.EXPLOITED),
        OwnWord(
            said="サ－バー + 攻撃", weight=1, of=StoryKind.EXPLOITED
        ),  # the built-in one, written otherwise
        OwnWord(said="Flaw*", weight=0, of=StoryKind.VULNERABILITY),
        OwnWord(said="詐欺", weight=9, of=Layer.TACTICAL),
        OwnWord(said="悪用", weight=-9, of=StoryKind.PHISHING),  # of another kind than the built-in one
    )
    rules = revised(RULES, own)

    def kind(title: str) -> StoryKind:
        return subject_of(title, "", (), rules).kind

    assert kind("社内警報：脆弱性") is StoryKind.EXPLOITED
    assert kind("サーバーへの攻撃") is StoryKind.OTHER
    assert kind("Two flaws") is StoryKind.OTHER
    assert kind("製品の悪用") is StoryKind.EXPLOITED
    assert subject_of("詐欺", "", (), rules).layer is Layer.TACTICAL
    assert subject_of("サーバーへの攻撃", "", (), RULES).kind is StoryKind.EXPLOITED
    assert revised(RULES, ()) is RULES
