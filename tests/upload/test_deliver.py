"""Sending once, and finding again what was sent, whatever the store made of its name."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import NotReady, StoreAmbiguous, StoreUnavailable, StoreUnsure
from pipeline.upload import StoreClient, deliver, find
from pipeline.upload.responses import Answer
from pipeline.upload_name import upload_name
from pipeline.values import ImageFormat, Picture, Placement, SendRecord
from tests.localstore.process import StoreProcess
from tests.makers import picture as a_picture
from tests.servers import client_of, local_store, session_of
from tests.upload.rawserver import answering, body, client_of_raw, raw_server

POSTS = {"method": "POST", "path": "/catalog/products/*/images"}


def named(path: str, content: bytes = b"a photograph") -> Picture:
    digest = hashlib.sha256(content).hexdigest()
    return replace(a_picture(), upload_name=upload_name(Path(path), digest, ImageFormat.PNG))


def at(product: int, **said: object) -> Placement:
    return replace(Placement(product_id=product, rule="the product was given"), **said)  # type: ignore[arg-type]


def unwatched(done: int, total: int) -> None:
    """Watch nothing."""


def test_what_is_said_of_a_picture_goes_along(
    client: StoreClient, store: StoreProcess, product: int, file: Path
) -> None:
    sent = named("SM-13 (2).jpg")
    told = at(product, order=2, thumbnail=True, description="front")
    made = deliver(client, file, sent, told, unwatched)
    assert (made.sort_order, made.is_thumbnail, made.description) == (2, True, "front")
    visits = [entry for entry in store.seen() if entry["image_id"] == made.id]
    assert [entry["uploaded_name"] for entry in visits] == [sent.upload_name]


def test_where_nothing_is_said_the_store_decides(
    client: StoreClient, product: int, file: Path
) -> None:
    first = deliver(client, file, named("a.jpg", b"1"), at(product), unwatched)
    second = deliver(client, file, named("b.jpg", b"2"), at(product), unwatched)
    assert (first.sort_order, second.sort_order) == (0, 1)
    assert (first.is_thumbnail, second.is_thumbnail) == (True, False)


def test_a_spool_that_cannot_be_read_made_no_image(
    client: StoreClient, store: StoreProcess, product: int, tmp_path: Path
) -> None:
    with pytest.raises(NotReady, match="prepared picture cannot be read"):
        deliver(client, tmp_path / "gone.png", named("a.jpg"), at(product), unwatched)
    assert store.images(product) == []


@pytest.mark.parametrize(
    "name", ["SM-13 (2).jpg", "Täßchen ünd.jpg", "\u9676\u74f7.jpg", "x" * 200 + ".jpg", "_-_.jpg"]
)
def test_what_was_sent_is_found_by_its_name(
    client: StoreClient, product: int, file: Path, name: str
) -> None:
    sent = named(name)
    assert find(client, sent, at(product)) == []
    made = deliver(client, file, sent, at(product), unwatched)
    deliver(client, file, named(name, b"another of the same name"), at(product), unwatched)
    assert find(client, sent, at(product)) == [made]
    assert find(client, sent, at(product + 500_000)) == []


@pytest.mark.parametrize("quirk", ["stem=kept", "stem=lower", "stem=cut:60", "stem=cut:51"])
@pytest.mark.parametrize("name", ["SM-13 (2).jpg", "x" * 200 + ".jpg"])
def test_it_is_found_however_the_store_spells_its_name(
    tmp_path: Path, file: Path, quirk: str, name: str
) -> None:
    with local_store(tmp_path / "store", "--quirk", quirk) as store:
        client = client_of(store)
        made = deliver(client, file, named(name), at(158), unwatched)
        assert find(client, named(name), at(158)) == [made]


def test_where_the_store_cuts_the_tag_off_a_person_is_asked_and_nothing_is_sent_again(
    tmp_path: Path, file: Path
) -> None:
    with local_store(tmp_path / "store", "--quirk", "stem=cut:12") as store:
        client = client_of(store)
        began = datetime.now(UTC)
        with pytest.raises(StoreUnsure):
            deliver(client, file, named("SM-13-front.jpg"), at(158), unwatched)
        (made,) = client.list_images(158)
        with pytest.raises(StoreAmbiguous, match=f"image {made.id} ") as error:
            find(client, named("SM-13-front.jpg"), at(158), SendRecord(at=began))
        assert "which one it is" in str(error.value)
        # What was there before, or belongs to another photograph, is no candidate.
        for known in (
            SendRecord(at=began, last_id=made.id),
            SendRecord(at=began, known=frozenset({made.id})),
        ):
            assert find(client, named("SM-13-front.jpg"), at(158), known) == []
        later = SendRecord(at=began + timedelta(hours=1))
        assert find(client, named("SM-13-front.jpg"), at(158), later) == []


def test_of_several_the_lowest_id_comes_first(
    client: StoreClient, product: int, file: Path
) -> None:
    sent = named("a.jpg")
    made = [deliver(client, file, sent, at(product), unwatched) for _ in range(3)]
    # The listing's own order is another one.
    client.update_image(product, made[0].id, {"sort_order": 99})
    found = find(client, sent, at(product))
    assert [image.id for image in found] == sorted(image.id for image in made)


@pytest.mark.parametrize(
    "rule",
    [
        {"do": "drop", "when": "after-work"},
        {"do": "answer", "status": 502, "when": "after", "body": "html"},
        {"do": "garble", "how": "no-id"},
    ],
)
def test_an_image_whose_answer_was_lost_is_found(
    client: StoreClient, store: StoreProcess, product: int, file: Path, rule: dict[str, object]
) -> None:
    sent = named("a.jpg")
    store.misbehave({**POSTS, **rule, "times": 1})
    with pytest.raises(StoreUnsure):
        deliver(client, file, sent, at(product), unwatched)
    (found,) = find(client, sent, at(product))
    assert [found.id] == [image["id"] for image in store.images(product)]


def test_it_is_found_on_a_later_page(
    crowded_store: Callable[..., StoreProcess], file: Path
) -> None:
    with crowded_store() as store:
        client = client_of(store)
        for _ in range(5):
            store.upload(158, file.read_bytes())
        made = deliver(client, file, named("a.jpg"), at(158), unwatched)
        assert find(client, named("a.jpg"), at(158)) == [made]


@pytest.mark.parametrize("failing", ["drop", "garble"])
def test_a_store_that_cannot_be_asked_is_an_error_and_not_a_no(
    client: StoreClient, store: StoreProcess, product: int, failing: str
) -> None:
    store.misbehave({"do": failing, "method": "GET"})
    with pytest.raises(StoreUnavailable):
        find(client, named("a.jpg"), at(product))


def test_an_image_that_slips_between_two_pages_is_not_overlooked(
    crowded_store: Callable[..., StoreProcess], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crowded_store() as store:
        session = session_of(store)
        client = StoreClient(session)
        first = client.list_images(158)[0]
        # The first of the second page: the one that slips when the first page grows shorter.
        made = deliver(client, file, named("a.jpg"), at(158), unwatched)
        for _ in range(10):
            store.upload(158, file.read_bytes())
        real, asked = session.ask, itertools.count(1)

        def with_another_app(*question: Any, **options: Any) -> Answer:
            """After the first page another app deletes one and adds one: the total stays."""
            answer = real(*question, **options)
            if next(asked) == 1:
                store.call("DELETE", f"/catalog/products/158/images/{first.id}")
                store.upload(158, file.read_bytes())
            return answer

        monkeypatch.setattr(session, "ask", with_another_app)
        assert find(client, named("a.jpg"), at(158)) == [made]
        assert next(asked) > 3, "it was read again"


def test_images_that_change_all_the_time_are_left_for_later(
    crowded_store: Callable[..., StoreProcess], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crowded_store() as store:
        session = session_of(store)
        client = StoreClient(session)
        store.upload(158, file.read_bytes())
        real = session.ask

        def with_another_app(*question: Any, **options: Any) -> Answer:
            store.upload(158, file.read_bytes())
            return real(*question, **options)

        monkeypatch.setattr(session, "ask", with_another_app)
        with pytest.raises(StoreUnavailable, match="faster than they can be listed"):
            client.list_images(158)


ANSWERS: dict[str, dict[str, object]] = {
    "another photograph's name": {"image_file": "o/1/b-ffffffffff__12345.png"},
    "a name without a tag": {"image_file": "o/1/poster__12345.png"},
    "no name": {"image_file": None},
    "another product": {"product_id": 159},
    "no product": {"product_id": ...},
}


@pytest.mark.parametrize("wrong", ANSWERS)
def test_an_answer_about_another_image_is_a_doubt(file: Path, wrong: str) -> None:
    sent = named("a.jpg")
    stem = sent.upload_name.removesuffix(".png")
    right = {"id": 7, "product_id": 158, "image_file": f"o/1/{stem}__12345.png"}
    told = {name: value for name, value in (right | ANSWERS[wrong]).items() if value is not ...}
    answers = [body(json.dumps({"data": data})) for data in (right, told)]
    with raw_server(answering(*answers)) as server:
        client = client_of_raw(server)
        assert deliver(client, file, sent, at(158), unwatched).id == 7
        with pytest.raises(StoreUnsure, match=r"answers about|for which product"):
            deliver(client, file, sent, at(158), unwatched)


def test_where_the_store_cuts_the_tag_off_what_it_named_and_lists_is_taken(
    tmp_path: Path, file: Path
) -> None:
    with local_store(tmp_path / "store", "--quirk", "stem=cut:12") as store:
        client = client_of(store)
        sent = named("SM-13-front.jpg")
        began = datetime.now(UTC)
        with pytest.raises(StoreUnsure) as error:
            deliver(client, file, sent, at(158), unwatched)
        (made,) = client.list_images(158)
        assert error.value.answered == made.id
        record = SendRecord(at=began, answered=made.id)
        assert find(client, sent, at(158), record) == [made]
        store.upload(158, file.read_bytes())
        assert find(client, sent, at(158), record) == [made]
        # Where it named another one, or what others account for, a person is asked.
        for other in (
            replace(record, answered=made.id + 7),
            replace(record, known=frozenset({made.id})),
        ):
            with pytest.raises(StoreAmbiguous):
                find(client, sent, at(158), other)


def test_an_image_of_our_name_that_another_photograph_has_is_a_persons_to_judge(
    client: StoreClient, product: int, file: Path
) -> None:
    sent = named("a.jpg")
    made = deliver(client, file, sent, at(product), unwatched)
    with pytest.raises(StoreAmbiguous, match="another photograph"):
        find(client, sent, at(product), SendRecord(known=frozenset({made.id})))
