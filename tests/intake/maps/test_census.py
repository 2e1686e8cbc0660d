"""A map and the files that lie there are held against each other."""

from __future__ import annotations

from pathlib import Path

from pipeline.intake.maps.census import Census, unmatched
from tests.intake.maps.mapped import map_of, only


def test_what_a_map_names_in_vain_and_what_it_does_not_name_is_counted(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\na.jpg,A\nb.jpg,B\nc.jpg,C\nd.jpg,D\ne.jpg,E\n")
    paths = [tmp_path / name for name in ("A.JPG", "x.jpg", "y.png", "notes.txt", "raw.cr3")]
    result = unmatched(found, paths, Census())
    assert (result.missing, result.some_missing) == (4, ("b.jpg", "c.jpg", "d.jpg"))
    first, second = result.sentences("shots.csv")
    assert first == "the map shots.csv names 4 files that are not here: b.jpg, c.jpg, d.jpg …"
    assert second.startswith("2 photographs are not in the map shots.csv: ")


def test_where_all_fits_nothing_is_said(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\na.jpg,A\n")
    assert unmatched(found, [tmp_path / "a.jpg"], Census()).sentences("shots.csv") == []


def test_one_of_each_is_told_as_one(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\na.jpg,A\n")
    first, second = unmatched(found, [tmp_path / "b.jpg"], Census()).sentences("m.csv")
    assert first == "the map m.csv names one file that is not here: a.jpg"
    assert second.startswith("1 photograph is not in the map m.csv: ")


def test_a_file_of_the_same_name_is_a_rival_while_it_is_there(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku\n1.jpg,A\nred/2.jpg,B\n")
    for folder in ("red", "blue"):
        (tmp_path / folder).mkdir()
        for name in ("1.jpg", "2.jpg"):
            (tmp_path / folder / name).touch()
    census = Census()
    for path in sorted(tmp_path.rglob("*.jpg")):
        census.note(path)
    entry = only(found, "red", "1.jpg")
    red, blue = tmp_path / "red" / "1.jpg", tmp_path / "blue" / "1.jpg"
    assert census.rivals(entry, red) == [blue]
    assert census.rivals(only(found, "red", "2.jpg"), tmp_path / "red" / "2.jpg") == []
    blue.unlink()
    assert census.rivals(entry, red) == []
