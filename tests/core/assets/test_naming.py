"""Names in texts: the longest, as whole words, everyday words only where something tells that they are names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.assets.naming import Mention, Name, NameFinder

NAMES = [
    Name(text="FortiGate", of="FortiGate"),
    Name(text="FortiOS", of="FortiGate"),
    Name(text="フォーティゲート", of="FortiGate"),
    Name(text="Windows", of="Windows", is_platform=True),
    Name(text="Windows Server", of="Windows Server"),
    Name(text="Windows Server 2022", of="Windows Server 2022"),
    Name(text="Apache HTTP Server", of="Apache HTTP Server"),
    Name(text="Apache Tomcat", of="Apache Tomcat"),
    Name(text="Tomcat", of="Apache Tomcat"),
    Name(text="Google Chrome", of="Google Chrome"),
    Name(text="Chrome", of="Google Chrome"),
    Name(text="Microsoft Edge", of="Microsoft Edge", vendors=("Microsoft", "マイクロソフト")),
    Name(text="Edge", of="Microsoft Edge", vendors=("Microsoft", "マイクロソフト")),
    Name(text="エッジ", of="Microsoft Edge", vendors=("Microsoft", "マイクロソフト")),
    Name(text="Teams", of="Microsoft Teams", vendors=("Microsoft", "マイクロソフト")),
    Name(text="Word", of="Microsoft Word", vendors=("Microsoft", "マイクロソフト", "Office")),
    Name(text="ワード", of="Microsoft Word", vendors=("Microsoft", "マイクロソフト")),
    Name(text="Access", of="Microsoft Access", vendors=("Microsoft", "マイクロソフト")),
    Name(text="Go", of="Go", vendors=("Google",)),
    Name(text="Golang", of="Go"),
    Name(text="Go言語", of="Go"),
    Name(text="R", of="R", vendors=("CRAN",)),
    Name(text="R言語", of="R"),
    Name(text="Slack", of="Slack", vendors=("Salesforce", "Slack Technologies")),
    Name(text="Zoom", of="Zoom", vendors=("Zoom Video Communications",)),
    Name(text="Zoom Rooms", of="Zoom"),
    Name(text="Node.js", of="Node.js"),
    Name(text=".NET", of=".NET"),
    Name(text="C++", of="C++"),
    Name(text="弥生会計", of="弥生会計"),
    Name(text="ウイルスバスター コーポレートエディション", of="ウイルスバスター"),
    Name(text="サイボウズ Garoon", of="Garoon"),
    Name(text="デスクネッツ", of="desknet's"),
]  # fmt: skip
FINDER = NameFinder(NAMES)

FOUND: list[tuple[str, list[str]]] = [
    ("FortiOSに緊急の脆弱性", ["FortiGate"]),
    ("ＦｏｒｔｉＧａｔｅの更新", ["FortiGate"]),
    ("ﾌｫｰﾃｨｹﾞｰﾄの設定", ["FortiGate"]),
    ("フォーティ・ゲートの設定", ["FortiGate"]),
    ("フォーティゲートシリーズの設定", ["FortiGate"]),
    ("Windows Server 2022の更新", ["Windows Server 2022"]),
    ("Ｗｉｎｄｏｗｓ　Ｓｅｒｖｅｒ　２０２２の更新", ["Windows Server 2022"]),
    ("Windows-Server-2022", ["Windows Server 2022"]),
    ("Windows Server 2019の更新", ["Windows Server"]),
    ("Windows\nServer", ["Windows Server"]),
    ("WindowsのServer", ["Windows"]),
    ("「Apache Tomcat」と「Apache HTTP Server」", ["Apache Tomcat", "Apache HTTP Server"]),
    ("Cisco®やGoogle Chrome™の更新", ["Google Chrome"]),
    ("Node.jsと.NETとC++の修正", ["Node.js", ".NET", "C++"]),
    ("ウイルスバスターコーポレートエディションに不具合", ["ウイルスバスター"]),
    ("サイボウズGaroonの不具合", ["Garoon"]),
    ("弥生会計の更新版", ["弥生会計"]),
    ("For\u200btiGate", ["FortiGate"]),
    ("Forti Gate", []),
    ("FortiGates", []),
    ("Windowsill, observer", []),
    ("see https://www.zoom.us/Chrome/FortiGate/ and node.js.example", []),
    ("mail@chrome.example @chrome chrome.example my.chrome", []),
    ("www.foo.net", []),
    # everyday words
    ("Security teams must patch now", []),
    ("Teams of attackers, a Word of warning, Edge devices under attack", []),
    ("Red Teams go phishing", []),
    ("Microsoft Teamsに脆弱性", ["Microsoft Teams"]),
    ("マイクロソフトのTeamsに脆弱性", ["Microsoft Teams"]),
    ("Teams（マイクロソフト）に脆弱性", ["Microsoft Teams"]),
    ("Teamsを悪用した攻撃", ["Microsoft Teams"]),
    ("Microsoft Teams, Edge and Word get patches", ["Microsoft Teams", "Microsoft Edge", "Microsoft Word"]),
    ("Critical flaw in Teams lets attackers in", ["Microsoft Teams"]),
    ("Flaw in Edge devices lets attackers in", []),
    ("Edgeデバイスを狙う攻撃、脆弱性を悪用", []),
    ("エッジデバイスの脆弱性", []),
    ("マイクロソフトのエッジに脆弱性", ["Microsoft Edge"]),
    ("パスワードの脆弱性", []),
    ("キーワードと脆弱性", []),
    ("ネットワークエッジの脆弱性", []),
    ("Cisco Secure Accessの脆弱性", []),
    ("Remote Access vulnerability", []),
    ("Microsoft Accessの脆弱性", ["Microsoft Access"]),
    ("不正なAccessの脆弱性対策", ["Microsoft Access"]),
    ("Go to the portal, a vulnerability", []),
    ("Goに脆弱性", []),
    ("Go言語に脆弱性", ["Go"]),
    ("GoogleのGoに脆弱性", ["Go"]),
    ("R&D部門の脆弱性", []),
    ("R言語の脆弱性", ["R"]),
    ("Cut some slack: a vulnerability", []),
    ("Hackers abuse Teams to phish employees", ["Microsoft Teams"]),
    ("Hackers Abuse Teams to Phish Employees", []),
    ("Phishers hide links in malicious Word documents", ["Microsoft Word"]),
    ("Botnet spreads over Edge devices of companies", []),
    ("Attackers bypass Access Control lists of routers", []),
    ("A zero-day in an Edge component", ["Microsoft Edge"]),
    ("Windows 11向けの更新", ["Windows"]),
    ("Windows版のZoom Roomsに脆弱性", ["Zoom"]),
    ("Updates for Windows and Chrome", ["Windows", "Google Chrome"]),
    ("Slackに脆弱性", ["Slack"]),
    ("SLACK", []),
    ("Slack patches a bug", ["Slack"]),
    ("Zoom Roomsの脆弱性", ["Zoom"]),
    ("Zoom for Windows", ["Zoom"]),
    ("Windows版のZoom Rooms", ["Zoom"]),
    ("Flaw in Chrome on Windows", ["Google Chrome"]),
    ("We zoom in on flaws", []),
    ("Zoom In on Flaws", []),
]  # fmt: skip

VERSIONS: list[tuple[str, list[str]]] = [
    ("FortiOS 7.4.3", ["7.4.3"]),
    ("FortiOS ７．４．３の脆弱性", ["7.4.3"]),
    ("FortiOS 7.4.0から7.4.2", [">=7.4.0,<=7.4.2"]),
    ("FortiOS 7.4.0から7.4.2までのバージョン", [">=7.4.0,<=7.4.2"]),
    ("FortiOS 7.4.0～7.4.2", [">=7.4.0,<=7.4.2"]),
    ("FortiOS 7.4.0から7.4.3より前", [">=7.4.0,<7.4.3"]),
    ("FortiOS versions 7.4.0 through 7.4.2 and 7.2.0 through 7.2.6", [">=7.4.0,<=7.4.2", ">=7.2.0,<=7.2.6"]),
    ("FortiOS 7.4.3、7.2.7および7.0.14で修正", ["7.4.3", "7.2.7", "7.0.14"]),
    ("FortiOS 7.4.3, 7.2.7, and 7.0.14", ["7.4.3", "7.2.7", "7.0.14"]),
    ("Apache HTTP Server before 2.4.59 allows", ["<2.4.59"]),
    ("Apache HTTP Server versions prior to 2.4.59", ["<2.4.59"]),
    ("Apache HTTP Server 2.4.58 and earlier", ["<=2.4.58"]),
    ("Apache HTTP Server 2.4.0 up to 2.4.58", [">=2.4.0,<=2.4.58"]),
    ("Apache HTTP Server from 2.4.17 before 2.4.59", [">=2.4.17,<2.4.59"]),
    ("Apache HTTP Server 2.4.17 to before 2.4.59", [">=2.4.17,<2.4.59"]),
    ("サイボウズ Garoon 10.0以前", ["<=10.0"]),
    ("サイボウズ Garoon バージョン 5.0.0から6.0.0まで", [">=5.0.0,<=6.0.0"]),
    ("10.0以前のサイボウズ Garoon", ["<=10.0"]),
    ("6.0.1より前のバージョンのサイボウズ Garoon", ["<6.0.1"]),
    ("Apache Tomcat（10.1.0-M1以降）", [">=10.1.0-m1"]),
    ("Apache Tomcat 9.0.1以降", [">=9.0.1"]),
    ("Apache Tomcat 9.0.1 or later", [">=9.0.1"]),
    ("Apache Tomcat < 9.0.1", ["<9.0.1"]),
    ("Apache Tomcat <= 9.0.1", ["<=9.0.1"]),
    ("Apache Tomcat v9.0.1", ["9.0.1"]),
    ("「Chrome 155」公開 - 4件含む247件を修正", ["155"]),
    ("Chrome 10件の脆弱性", []),
    ("Chrome 3 zero-days", []),
    ("Chrome、2026年の脆弱性", []),
    ("Chromeに脆弱性、CVSS 9.8", []),
    ("Chrome CVE-2026-1234", []),
    ("Chrome 2026-11-26", []),
    ("Chrome 155.0.7000.10/.11", ["155.0.7000.10"]),
]


def named(text: str) -> list[str]:
    return [key for mention in FINDER.find(text) for key in mention.of]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_names_are_found_as_people_write_them_and_nothing_else(text: str, names: list[str]) -> None:
    assert named(text) == names


@pytest.mark.parametrize(("text", "versions"), VERSIONS)
def test_versions_beside_a_name_are_told_with_their_bounds(text: str, versions: list[str]) -> None:
    (mention,) = FINDER.find(text)
    assert [str(span) for span in mention.versions] == versions


def test_a_version_belongs_to_the_name_before_it() -> None:
    found = FINDER.find("FortiOS、Google Chrome 155、Apache Tomcat 9.0.1から9.0.5")
    assert [[str(span) for span in one.versions] for one in found] == [[], ["155"], [">=9.0.1,<=9.0.5"]]


def test_places_are_those_of_the_text_as_written() -> None:
    text = "①と㍿の「ﾌｫｰﾃｨｹﾞｰﾄ　７．４」"
    (found,) = FINDER.find(text)
    assert found.words == "ﾌｫｰﾃｨｹﾞｰﾄ" == text[found.start : found.end]


def test_two_products_with_one_name_are_found_together() -> None:
    finder = NameFinder(
        [Name(text="Gamma", of="B"), Name(text="ＧＡＭＭＡ", of="A"), Name(text="gamma", of="B")]
    )
    assert finder.find("a gamma ray") == (Mention(of=("A", "B"), words="gamma", start=2, end=7),)


def test_a_finder_without_names_finds_nothing() -> None:
    assert NameFinder([]).find("FortiGate") == ()
    assert NameFinder([Name(text="　", of="x"), Name(text="ー", of="y")]).find("ー  ー") == ()


PIECES = st.sampled_from(
    ["FortiGate", "Windows", "Server", "2022", " ", "-", "の", "ー", "・", "フォーティゲート", "ﾌｫｰﾃｨ", "ｹﾞｰﾄ", "x", ".", "™", "ﬁ", "İ", "\u0301", "、", "7.4"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_each_mention_lies_in_the_text_and_they_do_not_overlap(text: str) -> None:
    last = 0
    for mention in FINDER.find(text):
        assert last <= mention.start < mention.end <= len(text)
        assert mention.words == text[mention.start : mention.end]
        last = mention.end


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_plain_latin_name_is_found_wherever_an_expression_finds_it_as_a_word(text: str) -> None:
    expected = len(
        re.findall(r"(?<![0-9A-Za-zİ_.@\u00ad\u0300-\u036fﬁ])FortiGate(?![0-9A-Za-zİﬁ_.\u0300-\u036f])", text)
    )
    assert sum(one.words == "FortiGate" for one in FINDER.find(text)) >= expected


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    FINDER.find(text)
