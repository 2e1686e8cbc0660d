"""What lies in a folder that is mirrored, and what certainly lies there no more."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.intake.mirrored import Copies, Mirrored, is_gone, is_vanished
from pipeline.intake.scan import scan
from pipeline.values import Door
from tests.makers import START, arrival

DIGEST = hashlib.sha256(b"01.jpg").hexdigest()
TABLE = "\ufefffile,sku,product_id,order,main,alt,image_id,modified,sha256\n"


def test_only_what_is_certainly_not_there_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    assert is_gone(file)
    assert is_gone(file / "below")
    file.touch()
    assert not is_gone(file)
    assert is_gone(file / "below"), "a file has nothing below it"
    assert not is_gone(tmp_path / ("n" * 300)), "nobody could look"


def test_a_folder_is_vanished_that_is_gone_or_holds_only_leftovers(tmp_path: Path) -> None:
    folder = tmp_path / "158"
    assert is_vanished(folder / "a.jpg")
    folder.mkdir()
    (folder / ".DS_Store").touch()
    assert is_vanished(folder / "a.jpg")
    (folder / "b.jpg").touch()
    assert not is_vanished(folder / "a.jpg")


def test_a_folder_that_was_put_in_the_place_of_another_is_not_the_same(tmp_path: Path) -> None:
    folder, other = tmp_path / "in", tmp_path / "other"
    folder.mkdir()
    seen = Mirrored([folder])
    seen.refuse_changed()
    folder.rename(other)
    with pytest.raises(ConfigError, match="cannot be read"):
        seen.refuse_changed()
    (tmp_path / "new").mkdir()
    (tmp_path / "new").rename(folder)
    with pytest.raises(ConfigError, match="not the folder any more"):
        seen.refuse_changed()


def test_each_folder_must_hold_a_photograph_of_a_product(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    folders = Mirrored([tmp_path / "a", tmp_path / "b"])
    folders.note(tmp_path / "a" / "1.jpg")
    with pytest.raises(ConfigError, match="is its disk there"):
        folders.refuse_empty()
    folders.note(tmp_path / "b" / "1.jpg")
    folders.refuse_empty()
    assert folders.holds(tmp_path / "a" / "x" / "1.jpg")
    assert not folders.holds(tmp_path / "c" / "1.jpg")


def test_a_copys_table_says_which_files_the_shop_has_as_long_as_they_are_as_copied(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "MUG-1"
    folder.mkdir()
    for name in ("01.jpg", "02.jpg", "03.jpg", "new.jpg"):
        (folder / name).write_bytes(name.encode())
    rows = (
        f"01.jpg,M,1,0,yes,a mug,11,t,{DIGEST}",
        "02.jpg,M,1,1,,,12,t",
        "03.jpg,M,1,2,,,13,t",
        "../x,M,1,3,,,14,t",
        "04.jpg,M,x,2,,,13,t",
    )
    (folder / "images.csv").write_text(TABLE + "\n".join(rows))
    for name in ("01.jpg", "03.jpg"):
        os.utime(folder / name, (4_000_000_000, 4_000_000_000))
    arrivals = list(scan([tmp_path], door=Door.RUN, now=START))
    copies = Copies(one.path for one in arrivals)
    assert (copies.products, copies.folder_of(1)) == ([1], folder)
    copies.in_shop([11, 13, 14])
    assert {one: row.alt for one, row in copies.rows(1).items()} == {11: "a mug"}
    left = [one.path.name for one in copies.lacking(arrivals)]
    assert left == ["02.jpg", "03.jpg", "images.csv", "new.jpg"], "03 was written since"
    assert copies.rows(2) == {}
    assert list(copies.lacking([arrival("/elsewhere/a.jpg")]))
