"""Every trap of the corpus, each read as a person would write it down."""

from __future__ import annotations

import pytest

from tests.feeds.support import Sample, read_body, samples

SAMPLES = list(samples())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_document_is_read_as_it_was_written_down_by_hand(sample: Sample) -> None:
    document = sample.read()
    assert read_body(document) == sample.expected
    for entry in document.entries:
        if wanted := sample.elements.get(entry.entry_id):
            found = [[one.name, one.text, dict(one.attributes)] for one in entry.elements]
            assert found == wanted


def test_the_corpus_is_large_and_every_document_has_its_expectation() -> None:
    documents = {one for one in SAMPLES[0].path.parent.parent.glob("*/*") if one.suffix != ".json"}
    assert documents == {one.path for one in SAMPLES}
    assert len(SAMPLES) >= 200
