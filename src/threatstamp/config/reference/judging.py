"""Settings of what a story is about and how urgent it is: products, words, the policy, facts."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.config.published import ADDRESSES, CVE_RECORDS
from threatstamp.config.reference.setting import Kind, Setting, of
from threatstamp.core.assets.product import Criticality, Where
from threatstamp.core.facts.score import USUAL
from threatstamp.core.facts.subject import StoryKind
from threatstamp.core.news.feed import Layer


def products() -> Iterator[Setting]:
    yield of("products", "name", Kind.TEXT, '"FortiGate"', required=True)
    yield of("products", "aliases", Kind.TEXTS, '["FortiOS", "フォーティゲート"]', default="[]")
    yield of("products", "vendor", Kind.TEXT, '"Fortinet"')
    yield of("products", "version", Kind.TEXT, '"7.4.3"')
    yield of("products", "cpe", Kind.TEXT, '"cpe:2.3:o:fortinet:fortios:7.4.3:*:*:*:*:*:*:*"')
    yield of("products", "purl", Kind.TEXT, '"pkg:npm/lodash@4.17.21"')
    yield of("products", "owner", Kind.TEXT, '"S0NETTEAM"')
    yield of("products", "where", Kind.CHOICE, '"network"', choices=tuple(Where))
    yield of("products", "exposed", Kind.FLAG, "true")
    yield of("products", "criticality", Kind.CHOICE, '"high"', choices=tuple(Criticality))
    yield of("products", "tags", Kind.TEXTS, '["vpn"]', default="[]")


def words() -> Iterator[Setting]:
    yield of("words", "word", Kind.TEXT, '"悪用 + 国内"', required=True)
    kinds = tuple(one for one in StoryKind if one is not StoryKind.OTHER)
    yield of("words", "kind", Kind.CHOICE, '"exploited"', choices=kinds)
    yield of("words", "layer", Kind.CHOICE, '"strategic"', choices=tuple(Layer), instead="kind")
    yield of("words", "weight", Kind.WEIGHT, "5", required=True)


def policy() -> Iterator[Setting]:
    priorities = ("critical", "high", "medium", "low")
    rules, tests = "policy.rules", "policy.tests"
    yield of("policy", "table", Kind.TABLE, '"deployer"', default='"bod-26-04"')
    yield of(rules, "when", Kind.CONDITIONS, "{ cvss_above = 9.0 }", required=True)
    yield of(rules, "raise_to", Kind.CHOICE, '"critical"', choices=priorities)
    yield of(rules, "raise_by", Kind.COUNT, "1", instead="raise_to")
    yield of(rules, "lower_to", Kind.CHOICE, '"low"', choices=priorities, instead="raise_to")
    yield of(rules, "reason", Kind.TEXT, '"…"', required=True)
    yield of(tests, "cve", Kind.CVE, '"CVE-2024-21762"', required=True)
    yield of(tests, "product", Kind.TEXT, '"FortiGate"')
    yield of(tests, "exposed", Kind.FLAG, "true")
    expected = (*priorities, "not_assessed")
    yield of(tests, "expect", Kind.CHOICE, '"critical"', choices=expected, required=True)


def facts() -> Iterator[Setting]:
    yield of("facts", "sources", Kind.NAMES, '["cvelist", "kev", "epss"]', default="[]")
    usual = ", ".join(f'"{one}"' for one in USUAL)
    yield of("facts", "scores", Kind.NAMES, '["nvd", "cna"]', default=f"[{usual}]")
    for source, address in ADDRESSES.items():
        example = f'"https://mirror.example/{source}"'
        yield of("facts", f"{source}_url", Kind.ADDRESS, example, default=f'"{address}"')
    example = '"https://mirror.example/cve"'
    yield of("facts", "record_url", Kind.ADDRESS, example, default=f'"{CVE_RECORDS}"')
