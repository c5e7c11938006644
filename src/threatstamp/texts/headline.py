"""The headline of a post: one line that tells it from others."""

from __future__ import annotations

from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.text import is_web_link, one_line

EDGES = " \t\n\u3000/／:：-–—|｜・"
"""What separates a headline from what follows it."""


def headline_of(snapshot: Snapshot) -> str:
    """Returns one line that tells this post from others: a news item's title, or a person's own words."""
    return snapshot.title if is_news(snapshot) else one_line(snapshot.text) or snapshot.title


def is_news(snapshot: Snapshot) -> bool:
    """True if a post has no words besides its headline; an app's may have words after it."""
    if not snapshot.title:
        return False
    before, found, after = snapshot.text.partition(snapshot.title)
    own = (before if found else snapshot.text) + (after if snapshot.author else "")
    return not any(word for word in own.strip(EDGES).split() if not is_web_link(word))
