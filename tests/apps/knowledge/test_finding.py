"""What is found in documents, by words alone and with meanings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from apps.knowledge.chunking import pieces
from apps.knowledge.finding import Found, find
from apps.knowledge.models import DIMENSIONS, Chunk, Document, DocumentState, KnowledgeBase
from apps.knowledge.reading.markup import read_markdown
from apps.knowledge.services.indexing import count, index, language_of
from apps.knowledge.vectors import available
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

HOUSE = """# Hotel Seeblick

## Breakfast
Breakfast is served from half past six to ten, on Sundays to eleven. Room service brings it for 8 dollars.

## Parking
The garage has forty places. A night costs 12 dollars; charging an electric car is free.

## Pets
Dogs are welcome and cost 15 dollars a night. Please tell Mrs Kowalczyk at the reception before you arrive.

## Cancellation
A booking can be cancelled without a charge until 18:00 of the day before arrival.
"""
HAUS = """# Stornierung
Die Buchung kann bis zum Vortag der Anreise ohne Kosten storniert werden. Danach berechnen wir eine Nacht.
"""

Add = Callable[..., Document]


@pytest.fixture
def base() -> Iterator[KnowledgeBase]:
    with tenant_scope(make_tenant().pk):
        yield KnowledgeBase.objects.create(name="House")


def add(base: KnowledgeBase, text: str, title: str = "House") -> Document:
    document = Document.objects.create(base=base, title=title, kind="markdown", state=DocumentState.READY)
    index(document, pieces(read_markdown(text.encode()).blocks))
    document.save()
    count(base.pk)
    base.refresh_from_db()
    return document


def ask(base: KnowledgeBase, query: str, limit: int = 3) -> list[Found]:
    return find([base], query, limit=limit)


@pytest.mark.parametrize(
    ("query", "heading", "matched"),
    [
        ("When do you serve breakfast on a Sunday?", "Breakfast", ["breakfast", "serve", "sunday"]),
        ("can I charge my electric car", "Parking", ["car", "charge", "electric"]),
        ("I would like to bring my dog", "Pets", ["dog"]),
        ("could I speak to Mrs Kowalcyk", "Pets", ["kowalcyk", "mrs"]),  # heard wrongly
        ("how do I cancel", "Cancellation", ["cancel"]),
        ("recept", "Pets", ["recept"]),  # cut off
    ],
)
def test_a_question_finds_its_paragraph(
    base: KnowledgeBase, query: str, heading: str, matched: list[str]
) -> None:
    add(base, HOUSE)

    best = ask(base, query)[0]

    assert best.heading == f"Hotel Seeblick > {heading}"
    assert sorted(best.matched) == matched
    assert (best.by, best.score) == (["words"], 1.0)


@pytest.mark.parametrize(
    "query", ["", "   ", "who are you", "mhm", "the \x00 of", "xylophone", "'\";:*&|!()<->"]
)
def test_what_has_nothing_to_do_with_it_finds_nothing(base: KnowledgeBase, query: str) -> None:
    add(base, HOUSE)

    assert ask(base, query) == []


def test_one_word_in_common_is_not_an_answer(base: KnowledgeBase) -> None:
    add(base, HOUSE)

    story = (
        "my cousin went to university in another country to study chemistry with an old professor who had"
        " written famous books about metals, and one night their laboratory burned down completely"
    )
    assert ask(base, story) == []


def test_a_question_as_people_speak_finds_its_paragraph(base: KnowledgeBase) -> None:
    add(base, HOUSE)
    said = "hi there, I was wondering if you could tell me whether it would be okay to bring my dog along"

    assert ask(base, said)[0].heading == "Hotel Seeblick > Pets"


def test_each_document_in_its_language(base: KnowledgeBase) -> None:
    english, german = add(base, HOUSE), add(base, HAUS, "Haus")

    assert (english.language, german.language) == ("english", "german")
    assert base.languages == ["english", "german"]
    assert ask(base, "Kann ich noch stornieren?")[0].document_id == german.pk
    assert ask(base, "Können wir die Buchungen ändern?")[0].document_id == german.pk


def test_words_of_no_language_are_taken_as_they_are() -> None:
    assert language_of("zyx wvut 4711 abc-99 qqq") == "simple"
    assert language_of("zyx wvut 4711 abc-99 qqq", usual=["german", "simple"]) == "german"
    assert language_of("Dogs are welcome.") == "english"


def test_what_every_piece_is_about_can_be_asked_for(base: KnowledgeBase) -> None:
    add(base, "\n".join(f"## Course {n}\nThe dogs learn trick number {n}." for n in range(60)))

    assert ask(base, "may I bring my dog")


def test_other_bases_are_not_looked_at(base: KnowledgeBase) -> None:
    other = KnowledgeBase.objects.create(name="Other")
    add(other, HOUSE)

    assert ask(base, "breakfast") == []
    assert len(find([base, other], "breakfast", limit=3)) == 1


def test_nor_are_other_tenants() -> None:
    ours, theirs = make_tenant(), make_tenant()
    with tenant_scope(ours.pk):
        base = KnowledgeBase.objects.create(name="Ours")
        add(base, HOUSE)
    with tenant_scope(theirs.pk):
        assert ask(base, "breakfast") == []


def test_what_is_read_again_takes_the_place_of_what_was_there(base: KnowledgeBase) -> None:
    document = add(base, HOUSE)
    index(document, pieces(read_markdown(HAUS.encode()).blocks))
    document.save()
    count(base.pk)
    base.refresh_from_db()

    assert ask(base, "breakfast") == []
    assert (base.chunks, base.languages) == (1, ["german"])


def test_meanings_and_words_are_fused(base: KnowledgeBase) -> None:
    if not available():
        pytest.skip("the database has no pgvector")
    add(base, HOUSE)
    for chunk in Chunk.objects.order_by("position"):
        chunk.embedding = [1.0 if place == chunk.position else 0.0 for place in range(DIMENSIONS)]
        chunk.save()
    dogs = [0.0, 0.1, 1.0, *([0.0] * (DIMENSIONS - 3))]

    found = find([base], "may the puppy have breakfast", limit=3, meanings={base.pk: dogs})

    by = {one.heading.rpartition(" > ")[2]: one.by for one in found}
    assert by == {"Breakfast": ["words"], "Pets": ["meaning"]}
    assert all(0 < one.score < 1 for one in found)
    both = find([base], "dogs", limit=1, meanings={base.pk: dogs})[0]
    assert (both.heading, both.by, both.score) == ("Hotel Seeblick > Pets", ["words", "meaning"], 1.0)
