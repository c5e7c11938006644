"""Bodies of ledger entries as the desk writes them, one for each schema of each kind."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.core.ledger.kinds import Kind

Body = Mapping[str, object]
NOON = 1_764_000_000_000_000

PLACE: Body = {"team": "T1", "channel": "C1", "ts": "1.1"}
FORWARD: Body = {
    **PLACE,
    "departure": 7,
    "route": "ciso",
    "reaction": "siren",
    "destination": "C2",
}
ENTRY: Body = {
    "feed": "架空ニュース",
    "entry": "e1",
    "title": "「Gate 3」に脆弱性",
    "link": "https://news.example/1",
    "published_at": None,
    "digest": "d",
    "story": "s",
}
POST: Body = {
    **PLACE,
    "title": "題",
    "link": "https://news.example/2",
    "text": "本文",
    "source": "",
    "author": None,
    "thread_ts": None,
    "permalink": None,
}
TURN: Body = {**PLACE, "made_on": None, "reaction": "siren", "user": "U1"}
PUBLICATION: Body = {"team": "T1", "channel": "C1", "feed": "F", "departure": 7}
ROUTE: Body = {
    "route": "ciso",
    "reaction": "siren",
    "to": ["C2"],
    "mention": ["<@U2>"],
    "text": "至急",
    "allow": ["U3"],
}
FEED: Body = {
    "name": "架空ニュース",
    "url": "https://news.example/feed",
    "channel": None,
    "purpose": "",
    "layer": None,
    "owner": "",
    "reviewed_on": None,
}

TERMS = {"each": False, "thread": False, "external": False, "on_withdraw": "mark", "delay": 0}
CASE_ACT: Body = {"case": 3, "act": "decide", "choice": "now", "reason": "", "by": "U1", "way": "button"}
CASE_MOVED: Body = {**CASE_ACT, "number": 2, "before": "assessing", "after": "responding", "owner": None}
CASE_DETAILS: Body = {
    "to": "U2",
    "until": "2026-12-24",
    "effort": "6h",
    "risk": "high",
    "audience": "",
    "author": None,
    "priority": None,
    "due_on": None,
}
RISK: Body = {
    "risk_id": "R3",
    "owner": "U1",
    "after": "medium",
    "accepted_until": None,
    "reason": "",
    "by": "U2",
}
RULING: Body = {
    "story": "s",
    "cve": "CVE-2099-1234",
    "priority": "critical",
    "outcome": "3 days",
    "days": 3,
    "forensics": False,
    "table": "bod-26-04",
    "version": "1.0.0",
    "policy": "0" * 64,
    "row": 14,
    "facts": [{"name": "kev", "value": "no", "source": "kev", "read_at": NOON}],
    "rules": [{"reason": "ブラウザは全社員が使うため", "before": "high", "after": "critical"}],
    "open": ["exposed"],
}
EXPOSURE = {"product": "FortiGate", "answer": "yes", "by": "U1", "way": "button"}
MATCH: Body = {
    "product": "箱舟FTP",
    "version": "1.2.4",
    "where": "server",
    "ground": "listed",
    "standing": "affected",
    "source": "cvelist",
    "vulnerability": "CVE-2099-1234",
    "named": "Hakobune FTP",
    "comparison": "1.2.4 < 1.3",
    "late": False,
}
BODIES: Mapping[Kind, tuple[Body, ...]] = {
    Kind.ENTRY: (ENTRY, {**ENTRY, "bond": "cves"}),
    Kind.REVISION: (ENTRY, {**ENTRY, "follows": NOON}),
    Kind.PUBLISHED: ({**PUBLICATION, "stories": ["a", "b"], "message_ts": "2.2"},),
    Kind.POST: (POST,),
    Kind.POST_EDITED: (POST,),
    Kind.POST_DELETED: (PLACE,),
    Kind.STAMP: ({**TURN, "at": NOON, "exact": True},),
    Kind.WITHDRAWAL: ({**TURN, "at": NOON, "exact": False},),
    Kind.SETTLED: (
        {**TURN, "seen_at": NOON, "at": NOON, "exact": True},
        {**TURN, "seen_at": NOON, "void": True},
    ),
    Kind.REFUSAL: ({**TURN, "route": "ciso", "why": "refused"},),
    Kind.FORWARD: (
        {**FORWARD, "route_name": "ciso", "user": "U1", "mention": ["<@U2>"], "text": "至急", **TERMS},
    ),
    Kind.DELIVERED: ({**FORWARD, "message_ts": "2.2"},),
    Kind.UNDELIVERABLE: (
        {**FORWARD, "error": "is_archived"},
        {**PUBLICATION, "stories": ["a"], "error": "is_archived"},
    ),
    Kind.CANCELLED: (FORWARD,),
    Kind.CONFIRMED: ({**FORWARD, "by": "U1", "way": "button"},),
    Kind.UNCONFIRMED: (FORWARD,),
    Kind.ACKNOWLEDGED: ({**FORWARD, "by": "U1", "way": "reaction"},),
    Kind.ESCALATED: (
        {**FORWARD, "to": "C3", "called": ["<@U2>"], "message_ts": "3.3"},
        {**FORWARD, "to": "C3", "called": [], "error": "is_archived"},
    ),
    Kind.READDRESSED: ({**FORWARD, "destination": "#sec-alert", "found": "C2"},),
    Kind.RETRY: ({"departure": 7, "error": "is_archived"},),
    Kind.MESSAGE_DELETED: ({**PLACE, "departure": 7},),
    Kind.DOUBLE: ({"team": "T1", "channel": "C1", "message_ts": "2.2", "kept": "2.1"},),
    Kind.POLICY: ({"digest": "d", "sources": ["C1"], "routes": [ROUTE, ROUTE], "feeds": [FEED]},),
    Kind.CONTACT: ({"team": "T1", "channel": "C1", "route": "ciso"},),
    Kind.IMPORTED: ({**PLACE, "reaction": "siren", "row": 2, "digest": "0" * 64},),
    Kind.CASE: (
        {**PLACE, "case": 3, "track": "product", "route": "ciso", "user": "U1"},
        {
            **PLACE,
            "case": 3,
            "track": "factory",
            "kind": "investigate",
            "checklist": [{"hours": 2, "ja": "範囲", "en": "Scope"}],
            "route": "ciso",
            "user": "U1",
        },
    ),
    Kind.CASE_MOVED: (
        {
            **CASE_MOVED,
            **CASE_DETAILS,
            "cause": None,
            "decision": 2,
            "pending": None,
            "item": 1,
            "ticked": [1],
        },
        {**CASE_MOVED, **CASE_DETAILS, "cause": None, "decision": 2, "pending": None},
        {**CASE_MOVED, **CASE_DETAILS},
        CASE_MOVED,
    ),
    Kind.CASE_DENIED: ({**CASE_ACT, "why": "right"},),
    Kind.CALL: (
        {
            "call": 2,
            "case": 3,
            "what": "ブラウザ",
            "version": "155",
            "how": "再起動",
            "by_date": "2026-12-04",
            "destination": "C1",
            "asked": 30,
            "by": "U1",
            "way": "dialog",
        },
        {
            "call": 2,
            "case": 3,
            "what": "ブラウザ",
            "version": "155",
            "how": "再起動",
            "by_date": "2026-12-04",
            "destination": "C1",
            "asked": 30,
            "by": "U1",
            "way": "dialog",
            "send_at": None,
        },
    ),
    Kind.CALL_ASKED: ({"call": 2, "case": 3, "asked": 29, "joined": 1, "left": 2},),
    Kind.ANSWERED: ({"call": 2, "case": 3, "answer": "done", "user": "U1", "way": "button"},),
    Kind.CALL_CLOSED: (
        {"call": 2, "case": 3, "asked": 30, "done": 23, "not_using": 0, "help": 2, "by": None},
    ),
    Kind.RISK: (
        {**RISK, "title": "古いVPN装置", "before": "high", "accepted_on": "2026-11-26", "case": None},
    ),
    Kind.RISK_REVIEWED: ({**RISK, "reviewed_on": "2027-01-07", "closed": False},),
    Kind.STORY_SPLIT: (
        {
            "story": "a" * 32,
            "into": "b" * 32,
            "feed": "架空ニュース",
            "entry": "https://news.example/1",
            "recorded_in": "a" * 32,
            "follows": None,
            "by": "U0ITO",
            "reason": "別の製品",
        },
    ),
    Kind.REVIEWED: (
        {
            "stories": ["a" * 32, "b" * 32],
            "count": 2,
            "since": NOON,
            "until": NOON + 1,
            "by": "U0ITO",
            "reason": "",
            "way": "button",
        },
    ),
    Kind.REOPENED: ({"review": 7, "stories": ["a" * 32], "why": "listed", "by": None, "reason": ""},),
    Kind.STORY_JOINED: ({"story": "a" * 32, "other": "b" * 32, "by": "U0ITO", "reason": "同じ件"},),
    Kind.STORY_KIND: ({"story": "a" * 32, "kind": "incident", "by": "U0ITO", "reason": "被害の話"},),
    Kind.PRIORITIES: ({"digest": "0" * 64, "table": "cvss", "version": "1", "content": "{}"},),
    Kind.ASSESSED: (
        RULING,
        {**RULING, "matches": [MATCH]},
        {**RULING, "matches": [{**MATCH, "scan": "open"}]},
    ),
    Kind.EXPOSURE_ANSWERED: (EXPOSURE,),
    Kind.EXPOSURE_DENIED: ({**EXPOSURE, "why": "right"},),
    Kind.SHADOW_BEGUN: ({"at": NOON},),
    Kind.SHADOW_ENDED: ({"at": NOON},),
    Kind.REDACTION: ({"sequences": [3, 4], "reason": "本人の求め"},),
}
