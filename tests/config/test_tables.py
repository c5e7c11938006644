"""The tables of the package are their publishers', and a company's own is refused with what is wrong with it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.facts.test_real_documents import captured
from threatstamp.config.settings import read_settings
from threatstamp.config.tables import built_in
from threatstamp.core.errors import PolicyError
from threatstamp.core.priority.urgency import Priority

LEAST = 'language = "{language}"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = ["#alert"]\n'
OWN = """name = "house"
version = "2026-11"
about = "Our committee"
rows = [
  ["no", "wait"],
  ["yes", "act"],
]
[[questions]]
name = "kev"
values = ["no", "yes"]
unknown = "best"
[[outcomes]]
name = "wait"
priority = "medium"
text = "次の保守で"
[[outcomes]]
name = "act"
priority = "critical"
days = 2
text = { ja = "2日以内", en = "within 2 days" }
"""
NAMES = {
    "fix on system upgrade": ("low", None, False),
    "60 days": ("medium", 60, False),
    "14 days": ("high", 14, False),
    "3 days": ("critical", 3, False),
    "3 days & forensic investigation": ("critical", 3, True),
}


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("bod-26-04", "ssvc/cisa_bod_26_04_1_0_0.csv", 16),
        ("deployer", "ssvc/deployer_patch_application_priority_1_0_0.csv", 72),
    ],
)
def test_every_row_is_as_its_publisher_has_it(name: str, file: str, count: int) -> None:
    with captured(file).open(encoding="utf-8", newline="") as text:
        heads, *published = csv.reader(text)
    table = built_in(name)
    assert (len(published), len(heads) - 2) == (count, len(table.questions))
    for number, (_, *answers, said) in enumerate(published):
        row, outcome = table.find(answers)
        assert row == number
        if name == "deployer":
            assert outcome.name == said
        else:
            assert (outcome.priority.value, outcome.days, outcome.forensics) == NAMES[said]


def settings(folder: Path, own: str | bytes, *, name: str = "house.toml", language: str = "en") -> Path:
    content = own.encode() if isinstance(own, str) else own
    (folder / "house.toml").write_bytes(content)
    path = folder / "threatstamp.toml"
    path.write_text(f'{LEAST.format(language=language)}[policy]\ntable = "{name}"\n', encoding="utf-8")
    return path


def test_a_table_of_the_companys_own_is_read_from_beside_the_settings(tmp_path: Path) -> None:
    path = settings(tmp_path, OWN)
    found = read_settings(path, {})
    table = found.policy.policy.table
    assert (table.name, table.edition.partition("+")[0], table.about) == ("house", "2026-11", "Our committee")
    assert table.find(("yes",))[1].priority is Priority.CRITICAL
    assert table.outcomes[0].text.told("en") == "次の保守で"
    assert (tmp_path / "house.toml") in found.watched
    digest = found.digest
    assert read_settings(settings(tmp_path, OWN.replace("days = 2", "days = 4")), {}).digest != digest


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('  ["yes", "act"],\n', "", "house.toml:4: rows: there is no row for kev = yes. Add it."),
        ('["yes", "act"]', '["yes", "wait"]', "the answer to kev never changes the outcome"),
        ('["no", "wait"]', '["no", "rest"]', 'house.toml:5: rows[1]: there is no outcome "rest"'),
        (
            '["no", "wait"]',
            '["maybe", "wait"]',
            '"maybe" is not an answer to kev; possible answers are no, yes.',
        ),
        ('["no", "wait"]', '["no", "no", "wait"]', "rows[1] has 2 answers, but there are 1 questions"),
        ('["no", "wait"]', "7", "house.toml:5: rows[1] must be a list of rows"),
        (
            '["yes", "act"]',
            '["yes", "act"], ["no", "act"]',
            "rows[3] has the same answers as rows[1] (kev = no)",
        ),
        ('"medium"', '"critical"', ""),
        ('priority = "critical"', 'priority = "low"', '"act" follows "wait", but has a lower priority'),
        ('priority = "critical"', 'priority = "urgent"', "possible values are low, medium, high, critical"),
        ('"kev"', '"mood"', 'questions[1].name = "mood" is not known'),
        ('["no", "yes"]', '["yes", "no"]', 'the answers to kev are ["no", "yes"]'),
        ('"best"', '"whatever"', "possible values are worst, best, ask, not_assessed"),
        ("days = 2", 'days = "two"', "outcomes[2].days must be a whole number"),
        ("days = 2", "forensics = 1", "outcomes[2].forensics must be true or false"),
        ("days = 2", "dayz = 2", "outcomes[2].dayz is not known. Possible keys are name, priority, days"),
        ('"次の保守で"', "3", "outcomes[1].text must be text in quotes"),
        ('"act"\npri', '"wait"\npri', 'outcomes: "wait" appears twice'),
        ("[[questions]]", "[questions]", "questions must be a list of tables"),
        ('name = "house"', 'name = "a\\nb"', "house.toml:1: name must be text"),
        ('about = "Our', 'about = "Our committee"\nx = ["', "syntax"),
    ],
)
def test_what_is_wrong_with_it_is_said_with_its_line(
    before: str, after: str, said: str, tmp_path: Path
) -> None:
    path = settings(tmp_path, OWN.replace(before, after, 1))
    if not said:
        read_settings(path, {})
        return
    with pytest.raises(PolicyError) as caught:
        read_settings(path, {})
    expected = "this is not valid TOML" if said == "syntax" else said
    assert expected in str(caught.value)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"rows = " + b"[" * 5000,
        b"x = " + b"9" * 5000,
        b"",
        b"rows = [[" + b'"a",' * 300_000 + b"]]",
    ],
)
def test_whatever_the_file_holds_is_answered(content: bytes, language: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_settings(settings(tmp_path, content, language=language), {})
    assert len(str(caught.value)) < 5000


def test_many_missing_rows_are_counted(tmp_path: Path) -> None:
    question = OWN[OWN.index("[[questions]]") : OWN.index("[[outcomes]]")]
    others = "".join(question.replace("kev", name) for name in ("exposed", "automatable", "ransomware"))
    rows = '["no", "no", "no", "no", "no", "wait"]'
    more = question.replace(
        '"kev"\nvalues = ["no", "yes"]', '"technical_impact"\nvalues = ["partial", "total"]'
    )
    text = OWN.replace("[[outcomes]]", others + more + "[[outcomes]]", 1)
    text = text.replace(
        '  ["no", "wait"],\n  ["yes", "act"],\n', rows.replace('"no", "wait"', '"partial", "wait"')
    )
    with pytest.raises(PolicyError) as caught:
        read_settings(settings(tmp_path, text), {})
    assert str(caught.value).count("there is no row") == 20
    assert "11 more of this kind" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bod-2604", "did you mean bod-26-04?"),
        ("nowhere.toml", "nowhere.toml cannot be read"),
        ("house", "or the name of a file that ends in .toml"),
    ],
)
def test_a_table_that_there_is_not_is_said(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"threatstamp\.toml:8: ") as caught:
        read_settings(settings(tmp_path, OWN, name=name), {})
    assert said in str(caught.value)


RULES = """
[[policy.rules]]
when = {when}
{effect}
reason = "Because"
"""


@pytest.mark.parametrize(
    ("when", "effect", "said"),
    [
        ("{ cvss_above = 9.0 }", 'raise_to = "critical"', ""),
        ('{ tag = ["a", "b"], where = "staff" }', "raise_by = 2", ""),
        ("{ kev = false, epss_below = 0.01 }", 'lower_to = "low"', ""),
        (
            "{ cvss_above = 11 }",
            "raise_by = 1",
            "policy.rules[1].when.cvss_above must be a number from 0 to 10",
        ),
        ("{ cvss_above = nan }", "raise_by = 1", "must be a number from 0 to 10"),
        ("{ epss_above = true }", "raise_by = 1", "must be a number from 0 to 1"),
        ('{ kev = "yes" }', "raise_by = 1", "policy.rules[1].when.kev must be true or false"),
        ("{ tag = [] }", "raise_by = 1", "policy.rules[1].when.tag must be text in quotes, or a list"),
        ('{ where = "cellar" }', "raise_by = 1", "possible values are staff, server, saas, network"),
        ('{ tags = "a" }', "raise_by = 1", "when.tags is not a condition. Possible ones are cvss_above"),
        ("{}", "raise_by = 1", "when must be a table with at least one condition"),
        ('"always"', "raise_by = 1", "when must be a table with at least one condition"),
        ("{ kev = true }", "", "policy.rules[1] must have exactly one of raise_to, raise_by, lower_to"),
        ("{ kev = true }", 'raise_to = "low"\nraise_by = 1', "exactly one of"),
        ("{ kev = true }", "raise_by = 0", "policy.rules[1].raise_by must be a whole number from 1 to 3"),
        ("{ kev = true }", "raise_by = 1\nwhy = 1", "policy.rules[1].why is not known"),
    ],
)
def test_a_rule_is_read_or_refused_with_its_line_and_key(
    when: str, effect: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "threatstamp.toml"
    rules = RULES.format(when=when, effect=effect)
    path.write_text(LEAST.format(language="en") + rules, encoding="utf-8")
    if not said:
        assert read_settings(path, {}).policy.policy.rules[0].reason == "Because"
        return
    with pytest.raises(PolicyError, match=r"threatstamp\.toml:[0-9]+: ") as caught:
        read_settings(path, {})
    assert said in str(caught.value)


def test_a_file_without_rules_has_none_and_an_example_needs_a_cve(tmp_path: Path) -> None:
    path = tmp_path / "threatstamp.toml"
    path.write_text(LEAST.format(language="en"), encoding="utf-8")
    assert read_settings(path, {}).policy.policy.rules == ()
    example = '[[policy.tests]]\ncve = "CVE-1"\nexpect = "urgent"\n'
    path.write_text(LEAST.format(language="en") + example, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        read_settings(path, {})
    assert "policy.tests[1].cve" in str(caught.value)
    assert "critical, high, medium, low, not_assessed" in str(caught.value)
