"""Which of the files that lie there are taken, and how the others are told: never silently."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipeline.intake.choice import IGNORE_FILE
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, photograph, until
from tests.stories.watching import Watching, counts


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    for number, name in enumerate(
        ["158/a.jpg", "158/b.jpg", "158/b_draft.jpg", "158/Rejected/c.jpg", "159/d.jpg"]
    ):
        photograph(folder / name, number)
    (folder / "158" / IGNORE_FILE).write_text("# not yet\n*_draft.*\n")
    return folder


def names(run: Ended) -> list[str]:
    return [Path(one["path"]).name for one in run.document["photographs"]]


def left_out(run: Ended) -> list[tuple[str, int, int]]:
    return [(one["by"], one["files"], one["folders"]) for one in run.document["left_out"]]


def test_a_run_tells_what_was_left_out_by_its_cause(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    run = pipeline("run", "--json", "--exclude", "159/", shoot).well()
    assert names(run) == ["a.jpg", "b.jpg"]
    assert left_out(run) == [
        ("exclude", 0, 1), ("ignore_file", 1, 0), ("left_out_folders", 0, 1),
    ]  # fmt: skip
    assert run.counts["found"] == 2
    again = pipeline("run", "--exclude", "159/", shoot).well().out
    assert "1 folder left out by --exclude (159)" in again
    assert "1 folder left out by the setting left_out_folders (Rejected)" in again
    assert f"1 file left out by {IGNORE_FILE} in " in again
    assert len(store.images(158)) == 2
    assert store.images(159) == []


def test_a_run_over_the_folder_in_which_its_home_lies_takes_nothing_of_its_own(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    """Its ledger and its prepared pictures lie there; a second run would take them in, too."""
    inside = Command(shoot / ".." / "shoot" / "studio home", store)
    for _ in range(2):
        run = inside("run", "--json", shoot).well()
        assert names(run) == ["a.jpg", "b.jpg", "d.jpg"]
        assert ("home", 0, 1) in left_out(run)
    named = inside("run", inside.home).well()
    assert "1 folder left out: the home folder of this program (studio home)" in named.out


def test_a_dry_run_leaves_out_the_same(pipeline: Command, store: StoreProcess, shoot: Path) -> None:
    run = pipeline("run", "--dry-run", "--json", "--include", "b*.jpg", shoot).well()
    assert names(run) == ["b.jpg"]
    assert ("include", 2, 0) in left_out(run)
    assert store.images(158) == []


def test_what_is_named_is_taken_and_settings_can_be_others(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    rejected, draft = shoot / "158" / "Rejected", shoot / "158" / "b_draft.jpg"
    run = pipeline("run", "--json", "--product", "158", rejected, draft).well()
    assert names(run) == ["c.jpg", "b_draft.jpg"]
    pipeline.home.joinpath("pipeline.toml").write_text(
        'left_out_folders = []\nexclude = ["159"]\nplain_ids = true\n'
    )
    run = pipeline("run", "--json", shoot).well()
    assert left_out(run) == [("ignore_file", 1, 0), ("exclude_setting", 0, 1)]
    assert len(store.images(158)) == 4
    shown = pipeline("config", "show", "--json").well().document
    assert shown["left_out_folders"]["value"] == []
    assert shown["exclude"]["value"] == ["159"]


def test_a_pattern_that_takes_nothing_says_so_and_ends_well(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    run = pipeline("run", "--include", "*.png", shoot).well()
    assert "3 files left out: not named by --include (a.jpg, …)" in run.out
    assert "No pictures found" not in run.out


def test_the_hook_takes_what_it_is_called_with(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    pipeline("hook", "--wait", "--product", "158", shoot / "158" / "Rejected" / "c.jpg").well()
    assert len(store.images(158)) == 1


def test_a_watcher_heeds_patterns_and_notices_where_they_change(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    watching = Watching(pipeline, "--exclude", "159/", shoot)

    def told() -> dict[str, dict[str, int]]:
        return {one["by"]: one for one in watching.status()["watcher"]["left_out"]}

    with watching.running():
        watching.stored(2)
        photograph(shoot / "158" / "e_draft.jpg", 10)
        photograph(shoot / "158" / "Rejected" / "f.jpg", 11)
        photograph(shoot / "158" / "g.jpg", 12)
        watching.stored(3)
        until(lambda: told().get("ignore_file", {}).get("files") == 2)
        assert told()["exclude"]["folders"] == told()["left_out_folders"]["folders"] == 1
        assert "left out by --exclude (159)" in pipeline("status").well().out
        (shoot / "158" / IGNORE_FILE).write_text("b_draft.jpg\n")
        watching.stored(4)
        (shoot / "158" / "Rejected").rename(shoot / "158" / "Chosen")
        watching.stored(6)
        settings = pipeline.home / "pipeline.toml"
        settings.write_text('exclude = ["h.jpg"]\n')
        until(lambda: "exclude changed" in watching.log())
        shutil.copy(photograph(shoot.parent / "h.jpg", 13), shoot / "158" / "h.jpg")
        photograph(shoot / "158" / "i.jpg", 14)
        watching.stored(7)
        settings.write_text("exclude = []\n")
        watching.stored(8)
        said = watching.log()
    assert "was not told of" not in said
    assert "1 folder left out by --exclude (159)" in said
    assert counts(pipeline)["stored"] == 8
    assert store.images(159) == []


def test_only_what_was_written_since_a_moment_is_taken(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    os.utime(shoot / "158" / "a.jpg", (1_700_000_000, 1_700_000_000))
    run = pipeline("run", "--json", "--newer-than", "2h", shoot).well()
    assert names(run) == ["b.jpg", "d.jpg"]
    assert ("older", 1, 0) in left_out(run)
    told = pipeline("run", "--newer-than", "2023-12-01", shoot, shoot / "158" / "a.jpg").well().out
    assert "2 files left out: older than 2023-12-01 00:00 (a.jpg, …)" in told
    assert len(store.images(158)) == 1
    watch = pipeline("watch", "--newer-than", "2h", shoot)
    assert watch.status == 2
    assert "would be another moment at every start" in watch.err


def test_files_are_taken_from_a_list_and_what_is_not_there_is_told(
    pipeline: Command, store: StoreProcess, shoot: Path, tmp_path: Path
) -> None:
    lines = tmp_path / "list.txt"
    lines.write_text(f"{shoot / '158' / 'a.jpg'}\r\n\r\n{shoot / '158' / 'gone.jpg'}\r\n")
    run = pipeline("run", "--json", "--files-from", lines)
    assert run.status == 1
    assert {Path(one["path"]).name: one["outcome"] for one in run.document["photographs"]} == {
        "a.jpg": "stored", "gone.jpg": "refused",
    }  # fmt: skip
    lines.write_bytes(b"\0".join(bytes(shoot / name) for name in ("158/b.jpg", "159")) + b"\0")
    run = pipeline("run", "--json", "--dry-run", "--files-from", lines, "--exclude", "b.*").well()
    assert names(run) == ["d.jpg"]
    assert left_out(run) == [("exclude", 1, 0)]
    assert pipeline("run").status == 2
    assert len(store.images(158)) == 1


def test_a_limit_takes_the_first_that_are_not_stored_and_says_how_many_are_left(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    for number in (1, 2, 3, 10, 11):
        photograph(folder / "158" / f"{number}.jpg", number)
    photograph(folder / "nobody" / "x.jpg", 20)
    first = pipeline("run", "--limit", "2", "--dry-run", "--json", folder).well()
    assert (names(first), first.document["beyond_limit"]) == (["1.jpg", "2.jpg"], 4)
    assert store.images(158) == []
    for left in (4, 2, 0):
        run = pipeline("run", "--limit", "2", folder).well()
        assert (f"{left} more: not taken (--limit)" in run.out) is (left > 0)
    again = pipeline("run", "--limit", "2", "--json", folder).well()
    assert (again.counts["already_stored"], again.document["beyond_limit"]) == (5, 1)
    images = sorted(store.images(158), key=lambda image: image["id"])
    in_order = [Path(image["image_file"]).name.partition("-")[0] for image in images]
    assert in_order == ["1", "2", "3", "10", "11"]


def test_working_files_beside_pictures_are_no_trouble_at_any_door(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "158"
    photograph(folder / "a.jpg", 1)
    working = folder / "a.psd"
    working.write_bytes(b"8BPS\0\1" + bytes(200))
    run = pipeline("run", folder).well()
    assert "Beside them 1 that are not for upload (a.psd): left alone." in run.out
    pipeline("hook", "--wait", working).well()
    with Watching(pipeline, folder).running():
        until(lambda: counts(pipeline)["stored"] == 1)
    assert pipeline("status", "--json").document["counts"]["refused"] == 0


def test_a_folder_of_raw_files_alone_is_told_as_what_it_is(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "158"
    folder.mkdir()
    (folder / "a.nef").write_bytes(b"II*\0\x08\0\0\0\0\0" + bytes(100))
    run = pipeline("run", folder).well()
    assert "No picture lies there, only 1 that are not for upload (a.nef)" in run.out
    assert "export raw and working files as JPEG" in run.out
