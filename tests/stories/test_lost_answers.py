"""The store or the network fails in the middle: one image in the end, and the truth on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.lifecycle import State
from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, ended, photograph, until
from tests.stories.watching import counts

CREATE = {"method": "POST", "path": "/catalog/products/*/images"}

LEAVES_AN_IMAGE: dict[str, dict[str, Any]] = {
    "connection dropped after the image was made": {"do": "drop", "when": "after-work"},
    "connection reset after the image was made": {
        "do": "drop",
        "when": "after-work",
        "how": "reset",
    },
    "answer cut in the middle": {"do": "drop", "when": "mid-answer"},
    "answer that is no JSON": {"do": "garble", "how": "not-json"},
    "answer without an id": {"do": "garble", "how": "no-id"},
    "answer about another product": {"do": "garble", "how": "product"},
    "answer about another name": {"do": "garble", "how": "name"},
    "empty answer": {"do": "garble", "how": "empty"},
    "answer after the time-out": {"do": "delay", "when": "after", "seconds": 4},
    "gateway error after the image was made": {
        "do": "answer",
        "status": 504,
        "when": "after",
        "body": "html",
    },
}

LEAVES_NONE: dict[str, dict[str, Any]] = {
    "connection dropped before the body": {"do": "drop", "when": "before-body"},
    "connection dropped in the body": {"do": "drop", "when": "mid-body"},
    "connection dropped after the body": {"do": "drop", "when": "after-body"},
    "503": {"do": "answer", "status": 503},
    "500": {"do": "answer", "status": 500},
    "423, a lock": {"do": "answer", "status": 423},
    "502 in HTML": {"do": "answer", "status": 502, "body": "html"},
    "429": {"do": "answer", "status": 429, "retry_after": 1, "headers": False},
}

WINDOW = "429 and what is left of the shop's window, half a minute"
LEAVES_NONE[WINDOW] = {"do": "answer", "status": 429, "retry_after": 1}


@pytest.fixture
def quick(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(
        tmp_path / "home", store, settle_after=1, patience=60, read_timeout=2, request_timeout=3
    )


@pytest.mark.parametrize("fault", LEAVES_AN_IMAGE)
def test_an_image_that_was_made_unheard_is_found_and_not_made_again(
    quick: Command, store: StoreProcess, tmp_path: Path, fault: str
) -> None:
    store.misbehave({**LEAVES_AN_IMAGE[fault], **CREATE, "times": 1})
    path = photograph(tmp_path / "158" / "a.jpg")
    run = quick("run", "--json", path).well()
    (image,) = store.images(158)
    (line,) = run.document["photographs"]
    assert (line["state"], line["image_id"]) == ("stored", image["id"])
    assert run.document["posts"] == 1
    steps = [step["step"] for step in quick("history", "--json", path).document[0]["history"]]
    assert any("whether it arrived is not known" in step for step in steps)
    assert f"found in the shop as image {image['id']}" in steps[-1]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, marks=[pytest.mark.long] if one == WINDOW else []) for one in LEAVES_NONE],
)
def test_a_request_that_was_lost_is_made_again(
    quick: Command, store: StoreProcess, tmp_path: Path, fault: str
) -> None:
    store.misbehave({**LEAVES_NONE[fault], **CREATE, "times": 1})
    run = quick("run", "--json", photograph(tmp_path / "158" / "a.jpg")).well()
    (image,) = store.images(158)
    assert run.document["photographs"][0]["image_id"] == image["id"]
    assert run.document["posts"] == 2


def test_a_store_that_stays_away_loses_nothing_and_is_not_called_done(
    quick: Command, store: StoreProcess, tmp_path: Path
) -> None:
    photograph(tmp_path / "158" / "a.jpg")
    photograph(tmp_path / "158" / "b.jpg", 2)
    store.misbehave({"do": "answer", "status": 503, "method": "POST"})
    run = quick("run", "--json", tmp_path / "158", environment={"PIPELINE_PATIENCE": "2"})
    assert run.status == 1
    assert run.counts["not_finished"] + run.counts["not_sent"] == 2
    store.misbehave()
    assert quick("run", "--json", tmp_path / "158").well().counts["stored"] == 2
    assert len(store.images(158)) == 2


def test_an_answer_with_the_id_of_another_photograph_is_settled_by_asking(
    quick: Command, store: StoreProcess, tmp_path: Path
) -> None:
    for number in range(4):
        photograph(tmp_path / "158" / f"{number}.jpg", number)
    store.misbehave({"do": "garble", "how": "last-id", **CREATE, "skip": 1, "times": 2})
    run = quick("run", "--json", tmp_path / "158").well()
    images = {image["id"] for image in store.images(158)}
    assert len(images) == run.document["posts"] == 4
    assert {photo["image_id"] for photo in run.document["photographs"]} == images
    quick("verify").well()


@pytest.mark.parametrize("when", ["before the run", "meanwhile"])
def test_an_answer_with_the_id_of_an_image_that_somebody_else_sent_does_not_last(
    quick: Command, store: StoreProcess, tmp_path: Path, when: str
) -> None:
    path = photograph(tmp_path / "158" / "a.jpg")
    theirs = photograph(tmp_path / "b-0123456789.jpg", 2)

    def somebody_sends() -> None:
        with theirs.open("rb") as file:
            answer = store.call(
                "POST", "/catalog/products/158/images", files={"image_file": (theirs.name, file)}
            )
        assert answer.status_code == 200

    lie = {"do": "garble", "how": "last-id", **CREATE}
    slow = {"do": "delay", "when": "after", "seconds": 2.0, "path": CREATE["path"], "method": "GET"}
    if when == "before the run":
        somebody_sends()
        store.misbehave(lie)
        quick("run", path).well()
    else:
        store.misbehave({**slow, "times": 1}, {**lie, "skip": 1})
        run = quick.start("run", path)
        until(lambda: store.control("GET", "_faults").json()[0]["hit"] > 0)
        somebody_sends()
        assert ended(run).status == 0
    store.misbehave()
    if when == "meanwhile":
        quick("verify")
    ours = next(image for image in store.images(158) if "-0123456789__" not in image["image_file"])
    (photo,) = quick("list", "--json").well().document
    assert photo["image_id"] == ours["id"]
    assert len(store.images(158)) == 2


@pytest.mark.parametrize("status", [409, 423, 499, 501, 507])
def test_a_refusal_after_the_image_was_made_is_found_out(
    quick: Command, store: StoreProcess, tmp_path: Path, status: int
) -> None:
    path = photograph(tmp_path / "158" / "a.jpg")
    store.misbehave({"do": "answer", "status": status, "when": "after", **CREATE, "times": 1})
    run = quick("run", "--json", path).well()
    (image,) = store.images(158)
    assert run.document["photographs"][0]["image_id"] == image["id"]
    assert run.document["posts"] == 1


LOGIN_PAGES = {
    "200 in HTML": {"do": "answer", "status": 200, "body": "html"},
    "302": {"do": "answer", "status": 302, "body": "html"},
    "307": {"do": "answer", "status": 307, "body": "empty"},
    "511": {"do": "answer", "status": 511, "body": "html"},
}


IN_BETWEEN = [
    # Each page once, at another moment; all moments of all pages in the long form.
    pytest.param(page, skip, marks=[] if skip == (0, 1, 3, 0)[at] else [pytest.mark.long])
    for at, page in enumerate(LOGIN_PAGES)
    for skip in (0, 1, 3)
]


@pytest.mark.parametrize(("page", "skip"), IN_BETWEEN)
def test_a_login_page_in_between_is_waited_out_and_said(
    quick: Command, store: StoreProcess, tmp_path: Path, page: str, skip: int
) -> None:
    for number in range(3):
        photograph(tmp_path / "158" / f"{number}.jpg", number)
    store.misbehave({**LOGIN_PAGES[page], "skip": skip, "times": 5})
    run = quick("run", "--json", tmp_path / "158").well()
    assert run.counts["stored"] == 3
    assert len(store.images(158)) == 3
    assert run.err.count("nothing is sent until the shop itself answers") == 1, run.err
    assert "the shop itself answers again" in run.err
    attempts = [photo["attempts"] for photo in quick("list", "--json").document]
    assert max(attempts) == 0, "no photograph is to blame"


def test_a_photograph_that_was_replaced_in_doubt_is_settled_by_any_later_run(
    quick: Command, store: StoreProcess, tmp_path: Path
) -> None:
    other = photograph(tmp_path / "other" / "159_1.jpg", 7)
    quick("run", other).well()
    path = photograph(tmp_path / "158" / "a.jpg")
    store.misbehave({"do": "delay", "when": "after", "seconds": 60, **CREATE, "times": 1})
    patient = {"PIPELINE_READ_TIMEOUT": "60", "PIPELINE_REQUEST_TIMEOUT": "60"}
    run = quick.start("run", path, environment=patient)
    until(lambda: store.images(158) != [])
    posix.killpg(run.pid, posix.SIGKILL)
    run.communicate()
    path.unlink()
    assert counts(quick)[State.UPLOADING] == 1
    quick("run", other).well()
    assert counts(quick)[State.UPLOADING] == 0
    assert counts(quick)[State.STORED] == 2
    assert len(store.images(158)) == 1


def test_what_the_store_rejects_fails_in_its_own_words_and_holds_up_nothing(
    tmp_path: Path,
) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        store.misbehave(
            {"do": "answer", "status": 422, "body": "json", **CREATE, "times": 1},
        )
        command = Command(tmp_path / "home", store)
        photograph(tmp_path / "158" / "a.jpg", 1)
        photograph(tmp_path / "158" / "b.jpg", 2)
        run = command("run", "--json", tmp_path / "158")
        assert run.status == 1
        assert (run.counts["stored"], run.counts["failed"]) == (1, 1)
        (failed,) = (p for p in run.document["photographs"] if p["state"] == "failed")
        assert "the shop said 422" in failed["sentence"]
        assert command("run", "--json", tmp_path / "158").well().counts["stored"] == 1
