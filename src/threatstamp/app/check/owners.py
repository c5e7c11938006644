"""Owners in the list of products: each is somebody in Slack, a group, or a channel."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import islice

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.check.people import is_hidden, look_up_person
from threatstamp.config.settings import Settings
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import is_channel
from threatstamp.slack.directory import Directory
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit

MOST = 200
"""So many owners are looked up: each takes a call or two."""

LONGEST = 60


_SCOPES = frozenset({"users:read", "users:read.email", "usergroups:read"})


def check_owners(
    settings: Settings, directory: Directory, texts: Texts, *, granted: Set[str] | None
) -> Iterator[Check]:
    """Yields a check for each owner, as far as scopes allow it: nothing that must work hangs on them.

    granted: the token's scopes; None if Slack does not say.
    """
    missing = _SCOPES - (_SCOPES if granted is None else granted)
    products: dict[str, list[str]] = {}
    for product in settings.products:
        if product.owner:
            products.setdefault(product.owner, []).append(product.name)
    for owner, names in islice(products.items(), MOST):
        found = Findings("owner", texts)
        if is_hidden(owner, missing) or (owner.startswith("@") and missing):
            yield found.good(owner, "check_unread")
        else:
            yield _owner(owner, names, settings, directory, found)


def _owner(
    owner: str, products: list[str], settings: Settings, directory: Directory, found: Findings
) -> Check:
    check = _look_up(owner, settings, directory, found)
    if check.part == "scope":
        return found.good(owner, "check_unread")
    if check.ok:
        return found.good(owner, "check_owner", found=check.message)
    return found.bad(
        owner,
        "check_owner_wrong",
        problem=check.message,
        owner=owner,
        product=fit(products[0], LONGEST),
        count=len(products) - 1,
    )


def _look_up(owner: str, settings: Settings, directory: Directory, found: Findings) -> Check:
    if not is_channel(owner):
        return look_up_person(owner, settings, directory, found)
    try:
        if directory.channel(owner) is None:
            return found.bad(owner, "check_channel_lost", channel=owner)
    except SlackError as error:
        return found.refused(owner, error)
    return found.good(owner, "check_owner_channel")
