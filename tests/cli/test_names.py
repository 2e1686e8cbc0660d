"""Names are tried on real files against a real store, and nothing is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.screens import on_a_screen
from tests.stories.commands import Command, photograph


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tried"
    photograph(folder / "id-158" / "IMG_0001.jpg")
    photograph(folder / "id-158_2.jpg")
    photograph(folder / "beach.jpg")
    (folder / "notes.txt").write_text("to do")
    # Whoever opened it would fail.
    (folder / "id-158" / "closed.jpg").touch(mode=0o000)
    return folder


def test_each_file_stands_with_its_product_and_the_rule_and_then_the_sums(
    studio: Studio, folder: Path
) -> None:
    before = sorted(studio.pipeline.home.rglob("*"))
    posts = len(studio.store.images(158))
    out = studio.pipeline("names", folder).well().out
    lines = {line.partition(": ")[0].split("/")[-1]: line for line in out.splitlines()}
    assert "its folder is named id-158" in lines["IMG_0001.jpg"]
    assert lines["id-158_2.jpg"].split()[:2] == ["158", "2"]
    assert lines["beach.jpg"].split()[0] == "waits"
    assert "3 photographs of 1 product; 1 would wait; 1 not for upload" in out
    assert out.count("give --product or --sku to `pipeline run`") == 1
    assert sorted(studio.pipeline.home.rglob("*")) == before
    assert len(studio.store.images(158)) == posts


def test_as_json_programs_get_the_same(studio: Studio, folder: Path) -> None:
    rows = json.loads(studio.pipeline("names", "--json", folder).well().out)
    by_name = {Path(row["path"]).name: row for row in rows}
    assert by_name["id-158_2.jpg"]["product_id"] == 158
    assert by_name["id-158_2.jpg"]["order"] == 2
    assert by_name["beach.jpg"]["product_id"] is None
    assert "nobody knows" in by_name["beach.jpg"]["waits"]
    assert by_name["notes.txt"]["for_upload"] is False


def test_only_what_would_wait_is_shown_where_that_is_asked(studio: Studio, folder: Path) -> None:
    out = studio.pipeline("names", "--waiting", folder).well().out
    assert "beach.jpg" in out
    assert "IMG_0001" not in out
    assert "3 photographs of 1 product; 1 would wait" in out
    rows = json.loads(studio.pipeline("names", "--waiting", "--json", folder).well().out)
    assert [Path(row["path"]).name for row in rows if row["for_upload"]] == ["beach.jpg"]


def test_a_pattern_of_ones_own_is_tried_on_real_names_and_a_bad_one_is_refused(
    studio: Studio, tmp_path: Path
) -> None:
    photograph(tmp_path / "tried" / "back--id 158--07.jpg")
    pattern = r"(?P<view>[a-z]+)--id (?P<product_id>\d+)--(?P<order>\d+)"
    folder, variable = tmp_path / "tried", "PIPELINE_NAME_PATTERN"
    bad = studio.pipeline("names", folder, environment={variable: r"(?P<sku>(a+)+)b"})
    assert bad.status == 2
    assert "in it something repeats within what repeats" in bad.err
    end = studio.pipeline("names", folder, environment={variable: pattern}).well()
    row = next(line for line in end.out.splitlines() if "back--id" in line)
    assert row.split()[:2] == ["158", "7"]
    assert row.endswith(": back; its file name says, by the pattern, id 158")


def test_a_fresh_home_stays_as_it_was(tmp_path: Path, folder: Path) -> None:
    pipeline = Command(tmp_path / "home")
    pipeline("names", folder).well()
    assert not (tmp_path / "home").exists()


def test_who_names_nothing_is_told_what_to_name(tmp_path: Path) -> None:
    end = Command(tmp_path / "home")("names")
    assert end.status == 2
    assert "name files or folders" in end.err


def test_on_a_terminal_what_belongs_to_a_file_stands_below_its_name(
    studio: Studio, folder: Path
) -> None:
    name = "a photograph with a name that is rather long.jpg"
    photograph(folder / name)
    shown = on_a_screen(studio.pipeline, "names", folder, columns=120).lines
    rows = shown[shown.index(next(line for line in shown if "because" in line)) + 1 :]
    table = rows[: next(at for at, line in enumerate(rows) if "photographs of" in line)]
    assert any(line.startswith(" " * 19) for line in table)
    assert all(line[:10].strip() in {"", "158", "waits"} for line in table), table


def test_the_test_shop_says_that_it_proves_no_sku(tmp_path: Path) -> None:
    photograph(tmp_path / "in" / "SM-31.jpg")
    run = Command(tmp_path / "home")("names", tmp_path / "in").well()
    assert "takes a mistyped SKU for a product, too" in run.err
    assert "`pipeline login`" in run.err


def test_what_is_left_out_is_said_with_what_left_it_out(studio: Studio, folder: Path) -> None:
    photograph(folder / "Rejected" / "id-158_9.jpg")
    said = studio.pipeline("names", folder, "--exclude", "beach*").well().out
    assert "1 folder left out by the setting left_out_folders (Rejected)" in said
    assert "1 file left out by --exclude (beach.jpg)" in said
    for_programs = studio.pipeline("names", "--json", folder).well()
    assert "1 folder left out by the setting left_out_folders" in for_programs.err
    assert "Rejected" not in for_programs.out
