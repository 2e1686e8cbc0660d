"""Metadata written into a photograph after it was stored, or into a copy that lies beside it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching


def annotate(path: Path, note: str) -> None:
    """Write a comment into a JPEG, as programs do: into a file of its own, which is renamed."""
    content, comment = path.read_bytes(), note.encode()
    segment = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content[:2] + segment + content[2:])
    new.replace(path)


def test_metadata_written_later_makes_no_second_image(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "158"
    for number, view in enumerate(("back", "front", "side")):
        photograph(folder / f"{view}.jpg", number)
    assert pipeline("run", "--json", folder).well().counts["stored"] == 3
    for view in ("back", "front"):
        annotate(folder / f"{view}.jpg", "Studio 2026")
    rehearsed = pipeline("run", "--dry-run", "--json", folder).well()
    assert (rehearsed.counts["stored"], rehearsed.counts["already_stored"]) == (0, 3)
    again = pipeline("run", "--json", folder).well()
    assert (again.counts["found"], again.counts["already_stored"]) == (3, 3)
    assert again.document["posts"] == 0
    assert again.err.count("shows what the shop has already (image ") == 2
    third = pipeline("run", folder).well()
    assert "Everything was in the shop already: nothing was sent." in third.out
    assert len(store.images(158)) == 3
    history = pipeline("history", folder / "front.jpg").well().out
    assert "a file that shows the same arrived as" in history
    pipeline("ledger", "check").well()
    pipeline("verify").well()


def test_copies_with_other_metadata_in_one_folder_are_one_image_and_other_pictures_are_not(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "158"
    path = photograph(folder / "front.jpg", 1)
    for name in ("front copy.jpg", "front print.jpg"):
        (folder / name).write_bytes(path.read_bytes())
        annotate(folder / name, name)
    turned = Image.Exif()
    turned[0x0112] = 6
    photograph(folder / "turned.jpg", 1, exif=turned.tobytes())
    photograph(tmp_path / "159" / "front.jpg", 1)
    run = pipeline("run", "--json", folder, tmp_path / "159").well()
    assert (run.counts["stored"], run.counts["already_stored"]) == (3, 2)
    assert (len(store.images(158)), len(store.images(159))) == (2, 1)


@pytest.mark.long
def test_a_watcher_sends_nothing_again_for_a_copyright_that_was_written_later(
    watching: Watching, watched: Path, store: StoreProcess
) -> None:
    with watching.running():
        path = photograph(watched / "158" / "front.jpg", 1)
        watching.stored(1)
        annotate(path, "Studio 2026")
        until(lambda: "front.jpg shows what the shop has already" in watching.log())
        photograph(watched / "158" / "side.jpg", 2)
        watching.stored(2)
    assert len(store.images(158)) == 2
