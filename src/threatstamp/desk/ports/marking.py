"""How posts and stories on record are labelled: by their own words, or by the feed that brought them."""

from __future__ import annotations

from threatstamp.core.news.marking import Labels, Tlp, stricter
from threatstamp.core.news.story import Story
from threatstamp.core.stamps.post import Place
from threatstamp.desk.ports.store import Read, Tx


def story_marking(read: Read | Tx, story: Story, labels: Labels) -> Tlp | None:
    """Returns a story's label: ours shows no summary, where a label may stand, so all its words are read."""
    return labels.of(story.title, read.stories.words(story.id), source=story.source)


def place_marking(read: Read | Tx, place: Place, labels: Labels) -> Tlp | None:
    """Returns a post's label; None if it has none, or its words are not on record yet."""
    post, story = read.posts.get(place), read.stories.at(place)
    snapshot = post.snapshot if post else None
    said = labels.of(snapshot.title, snapshot.text, source=snapshot.source) if snapshot else None
    return said if story is None else stricter(said, story_marking(read, story, labels))
