"""What comes after a label is its product's, in the order of the shots, whoever is ready first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import PhotoRefused
from pipeline.hook.inbox import clear_current_product, current_product, set_current_product
from pipeline.intake.labelled import MOST_SHOOTS, Labels
from pipeline.labels import Code
from pipeline.lifecycle import State
from pipeline.values import Arrival, Door, Original, Photo
from tests.makers import original as an_original
from tests.report.photos import photo


class Studio:
    """Shots at times that a test sets; a file's name says which label it shows, if any."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.known: dict[Path, Sequence[Photo]] = {}
        self.released: list[str] = []
        self.open()

    def open(self) -> None:
        """Begin anew, as another process would."""
        self.labels = Labels(
            self.home,
            {""},
            self._codes,
            lambda path: self.known.get(path, ()),
            self.released.append,
        )

    def take(self, name: str, at: float, **said: object) -> str | None:
        """Take a shot in; return the SKU that it is given, or what the label says."""
        door = said.pop("door", Door.WATCH)
        arrival = Arrival(
            path=Path("/shoot") / name,
            root=Path("/shoot"),
            door=door,  # type: ignore[arg-type]
            seen_at=datetime.fromtimestamp(at, UTC),
            **said,  # type: ignore[arg-type]
        )
        try:
            taken = self.labels.reading(self._accept)(arrival)
        except PhotoRefused as label:
            return f"{label.reason}: {label}"
        return taken.sku

    def _accept(self, arrival: Arrival) -> Original:
        taken = an_original(arrival.path, arrival.path.name.encode())
        return replace(taken, sku=arrival.sku, from_current_product=arrival.from_current_product)

    def _codes(self, original: Original) -> Sequence[Code]:
        stem = original.path.stem
        text = stem.partition("label ")[2]
        return [Code(text=text, retail=False, share=0.5)] if text else []


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_a_label_is_noted_and_what_comes_after_it_is_its_products(studio: Studio) -> None:
    assert studio.take("0.jpg", 1) is None
    assert studio.take("label SM-13.jpg", 2) == (
        "not_for_upload: it shows the label SM-13: not for upload; "
        "what comes after it is of that product"
    )
    assert studio.take("1.jpg", 3) == "SM-13"
    studio.take("label SM-20.jpg", 4)
    assert studio.take("2.jpg", 5) == "SM-20"
    assert len(studio.released) == 2


def test_a_shoot_goes_on_with_another_process_and_a_run_begins_anew(studio: Studio) -> None:
    studio.take("label SM-13.jpg", 1)
    studio.open()
    assert studio.take("1.jpg", 2) == "SM-13"
    assert studio.take("1.jpg", 3, door=Door.RUN) is None
    studio.take("label SM-20.jpg", 4, door=Door.RUN)
    assert studio.take("2.jpg", 5, door=Door.RUN) == "SM-20"
    assert studio.take("2.jpg", 5) == "SM-13"


def test_a_label_says_nothing_of_another_folder_nor_of_what_was_shot_before(
    studio: Studio,
) -> None:
    studio.take("a/label SM-13.jpg", 5)
    assert studio.take("b/1.jpg", 6) is None
    assert studio.take("a/late.jpg", 4) is None
    assert studio.take("a/1.jpg", 6) == "SM-13"


def test_what_the_caller_says_is_believed(studio: Studio) -> None:
    studio.take("label SM-13.jpg", 1)
    assert studio.take("1.jpg", 2, sku="SM-20") == "SM-20"


def test_one_that_came_before_keeps_what_it_was(studio: Studio) -> None:
    studio.take("label SM-13.jpg", 1)
    path = Path("/shoot/1.jpg")
    before = an_original(path, b"1.jpg")
    studio.known[path] = [replace(photo(str(path), State.STORED), sha256=before.sha256)]
    assert studio.take("1.jpg", 2) is None


def test_a_label_of_the_hook_is_put_on_the_table(studio: Studio) -> None:
    studio.take("label SM-13.jpg", 10, door=Door.HOOK)
    assert current_product(str(studio.home)) == {"sku": "SM-13"}
    # It was noted down while another one lay there still, for nobody had read the label yet.
    since = datetime.fromtimestamp(5, UTC)
    early = {"sku": "SM-20", "from_current_product": True, "table_since": since}
    assert studio.take("1.jpg", 11, door=Door.HOOK, **early) == "SM-13"


def test_what_is_put_on_the_table_after_a_label_counts_from_then_on(studio: Studio) -> None:
    home = str(studio.home)
    studio.take("label SM-13.jpg", 10, door=Door.HOOK)
    set_current_product(home, {"sku": "SM-20"}, at=20)
    later = datetime.fromtimestamp(20, UTC)
    told = {"sku": "SM-20", "from_current_product": True, "table_since": later}
    assert studio.take("1.jpg", 21, door=Door.HOOK, **told) == "SM-20"
    clear_current_product(home)
    nothing = {"table_since": datetime.fromtimestamp(30, UTC)}
    assert studio.take("2.jpg", 31, door=Door.HOOK, **nothing) is None
    studio.take("label SM-14.jpg", 15, door=Door.HOOK)
    assert current_product(home) == {}, "one that was shot before says nothing of it"


def test_in_a_folder_what_is_put_on_the_table_after_a_label_counts_too(studio: Studio) -> None:
    studio.take("label SM-13.jpg", 10)
    set_current_product(str(studio.home), {"sku": "SM-20"}, at=20)
    assert studio.take("1.jpg", 15) == "SM-13"
    assert studio.take("2.jpg", 25) == "SM-20"


def test_it_is_remembered_of_so_many_shoots_and_what_cannot_be_read_counts_as_none(
    studio: Studio,
) -> None:
    for number in range(MOST_SHOOTS + 1):
        studio.take(f"{number}/label SM-{number}.jpg", number)
    assert studio.take("0/1.jpg", 999) is None
    assert studio.take("1/1.jpg", 999) == "SM-1"
    (studio.home / "labels").write_bytes(b"\xff not ours")
    assert studio.take("1/1.jpg", 999) is None
