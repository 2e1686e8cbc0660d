from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PhotoRefused
from pipeline.intake import accept, scan
from pipeline.intake.leftovers import is_ignored_name
from pipeline.intake.scan import copies_left_out, is_wanted
from pipeline.intake.stamps import stamp_of
from pipeline.lifecycle import Reason
from pipeline.values import Arrival, Door
from tests import posix
from tests.makers import START
from tests.permissions import permissions_in_force


def found(*paths: Path, skipped: list[Path] | None = None) -> list[Arrival]:
    links: list[Path] = [] if skipped is None else skipped
    return list(scan(paths, door=Door.RUN, now=START, link_skipped=links.append))


def names(arrivals: Sequence[Arrival]) -> list[str]:
    return [arrival.path.name for arrival in arrivals]


def put(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a photograph")


def test_files_come_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    put(tmp_path, "158_10.jpg", "158_2.jpg", "158_1.jpg", "158_02b.jpg", "A.jpg", "b.jpg")
    assert names(found(tmp_path)) == [
        "158_1.jpg",
        "158_2.jpg",
        "158_02b.jpg",
        "158_10.jpg",
        "A.jpg",
        "b.jpg",
    ]


def test_folders_stand_among_the_files_by_their_names(tmp_path: Path) -> None:
    put(tmp_path, "10/a.jpg", "9/b.jpg", "9/a.jpg", "11.jpg", "9a.jpg")
    assert [arrival.path.relative_to(tmp_path).as_posix() for arrival in found(tmp_path)] == [
        "9/a.jpg",
        "9/b.jpg",
        "9a.jpg",
        "10/a.jpg",
        "11.jpg",
    ]


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12, unique=True))
def test_numbers_in_names_sort_as_numbers(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("numbered")
    put(folder, *(f"shot {number}.jpg" for number in numbers))
    assert names(found(folder)) == [f"shot {number}.jpg" for number in sorted(numbers)]


def test_each_arrival_carries_what_the_caller_said(tmp_path: Path) -> None:
    put(tmp_path, "below/a.jpg")
    (arrival,) = scan([tmp_path], door=Door.HOOK, now=START, product_id=158, sku="SM-13")
    assert arrival == Arrival(
        path=tmp_path / "below/a.jpg",
        root=tmp_path,
        door=Door.HOOK,
        seen_at=START,
        product_id=158,
        sku="SM-13",
    )


def test_the_root_of_a_file_that_was_named_is_its_own_folder(tmp_path: Path) -> None:
    put(tmp_path, "158/a.jpg")
    (arrival,) = found(tmp_path / "158/a.jpg")
    assert arrival.root == tmp_path / "158"


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.jpg",
        "._IMG_0001.JPG",
        ".DS_Store",
        "Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        "a.jpg.tmp",
        "a.TMP",
        "a.jpg.part",
        "a.partial",
        "a.filepart",
        "a.jpg.crdownload",
        "a.jpg.download",
        "a.jpg~",
        "~$catalogue.xlsx",
        ".~lock.a.jpg#",
        "a.swp",
        "tmpfileAb3dEf",
        ".syncthing.a.jpg.tmp",
        "~syncthing~a.jpg.tmp",
        ".a.jpg.Xy12Ab",
        "a.jpg.sb-1a2b3c4d-AbCdEf",
        "b.jpg_exiftool_tmp",
    ],
)
def test_what_programs_leave_about_is_nobodys_photograph(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "a.jpg")
    assert is_ignored_name(name)
    assert names(found(tmp_path)) == ["a.jpg"]


@pytest.mark.parametrize(
    "name",
    ["@eaDir", ".thumbnails", "#recycle", "@Recycle", "$RECYCLE.BIN", "__MACOSX", "lost+found"],
)
def test_folders_of_that_kind_are_not_entered(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"{name}/a.jpg", "b.jpg")
    assert names(found(tmp_path)) == ["b.jpg"]


@pytest.mark.parametrize(
    "name", ["part.jpg", "tmp.jpg", "thumbs.db.jpg", "a.tmp.jpg", "download.png", "tmpfile.jpg"]
)
def test_photographs_with_similar_names_are_taken(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    assert names(found(tmp_path)) == [name]


def test_a_folder_may_be_listed_without_those_below_it(tmp_path: Path) -> None:
    put(tmp_path, "1.jpg", "below/2.jpg", "3.jpg")
    arrivals = list(scan([tmp_path], door=Door.WATCH, now=START, below=False))
    assert names(arrivals) == ["1.jpg", "3.jpg"]


def test_what_was_named_is_given_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, ".hidden/.a.jpg", ".hidden/b.jpg")
    assert names(found(tmp_path / ".hidden/.a.jpg")) == [".a.jpg"]
    assert names(found(tmp_path / ".hidden")) == ["b.jpg"]


def test_a_file_that_was_named_and_is_not_there_is_given_so_that_it_is_refused(
    tmp_path: Path,
) -> None:
    (arrival,) = found(tmp_path / "gone.jpg")
    with pytest.raises(PhotoRefused) as refusal:
        accept(arrival, most_bytes=1000)
    assert refusal.value.reason is Reason.VANISHED


def test_a_file_comes_once_however_often_it_is_named(tmp_path: Path) -> None:
    put(tmp_path, "158/a.jpg")
    file = tmp_path / "158/a.jpg"
    arrivals = found(file, file, tmp_path / "158/../158/a.jpg", tmp_path, tmp_path / "158")
    assert [arrival.path for arrival in arrivals] == [file]


def test_relative_paths_are_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "158/a.jpg")
    monkeypatch.chdir(tmp_path)
    (arrival,) = found(Path("158"))
    assert arrival.path == tmp_path / "158/a.jpg"
    assert found(Path("158/a.jpg"), Path("158")) == [arrival]


def test_a_link_below_a_folder_is_never_followed_and_is_told(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.jpg", "shop/a.jpg", "shop/sub/b.jpg")
    shop = tmp_path / "shop"
    (shop / "file-link.jpg").symlink_to(tmp_path / "outside/secret.jpg")
    (shop / "folder-link").symlink_to(tmp_path / "outside")
    (shop / "sub/up").symlink_to(shop)
    (shop / "sub/nowhere").symlink_to(shop / "not there")
    skipped: list[Path] = []
    assert names(found(shop, shop, skipped=skipped)) == ["a.jpg", "b.jpg"]
    assert skipped == [
        shop / "file-link.jpg",
        shop / "folder-link",
        shop / "sub/nowhere",
        shop / "sub/up",
    ]


def test_what_programs_leave_beside_photographs_is_left_out_and_a_folder_of_that_name_is_not(
    tmp_path: Path,
) -> None:
    put(tmp_path, "a.jpg", "a.jpg_original", "b.jpg.bak", "Picasa.ini", "c", "c_original")
    put(tmp_path, "SM-13.bak/d.jpg", "SM-13 (conflicted copy 2026-11-27)/e.jpg")
    assert names(found(tmp_path)) == ["a.jpg", "c", "e.jpg", "d.jpg"]


def test_conflict_copies_are_left_out_and_told_and_given_where_they_are_named(
    tmp_path: Path,
) -> None:
    copies = [
        "front-DESKTOP-4F2K9QX.jpg",
        "front.sync-conflict-20261127-101500-ABCDEF7.jpg",
        "front (Anna's conflicted copy 2026-11-27).jpg",
    ]
    put(tmp_path, "front.jpg", "front 2.jpg", "back-DESKTOP-4F2K9QX.jpg", *copies)
    told: list[Path] = []
    arrivals = list(scan([tmp_path], door=Door.RUN, now=START, copy_skipped=told.append))
    assert names(arrivals) == ["back-DESKTOP-4F2K9QX.jpg", "front 2.jpg", "front.jpg"]
    assert sorted(told) == sorted(tmp_path / name for name in copies)
    assert names(found(*(tmp_path / name for name in copies))) == copies


def test_waste_of_a_session_is_left_out_only_where_a_session_is(tmp_path: Path) -> None:
    put(tmp_path, "Trash/a.jpg", "SM-13/Cache/b.jpg", "SM-13/CaptureOne/Cache/t/c.jpg")
    put(tmp_path, "shoot/Shoot.cosessiondb", "shoot/Trash/d.jpg", "shoot/Output/e.jpg")
    put(tmp_path, "shoot/Capture/CaptureOne/Settings166/f.jpg", "shoot/Capture/Cache/g.jpg")
    put(tmp_path, "light/studio.lrcat", "light/studio Previews.lrdata/1/h.jpg", "light/i.jpg")
    put(tmp_path, "light/2026/Cache/j.jpg", "shoot/Trash.jpg")
    kept = ["a.jpg", "b.jpg", "e.jpg", "i.jpg", "Trash.jpg"]
    assert sorted(names(found(tmp_path))) == sorted(kept)
    # Who names such a folder means it.
    assert names(found(tmp_path / "shoot/Trash")) == ["d.jpg"]


def test_what_a_scan_gives_is_wanted_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "a.jpg_original", "a-DESKTOP-4F2K9QX.jpg", "b-DESKTOP-4F2K9QX.jpg")
    put(tmp_path, "a.sync-conflict-20261127-101500-ABCDEF7.jpg", ".hidden/c.jpg", "x.bak/d.jpg")
    put(tmp_path, "Trash/e.jpg", "s/S.cosessiondb", "s/Trash/f.jpg", "s/c/Cache/g.jpg", "s/h.jpg")
    every = [path for path in tmp_path.rglob("*") if path.is_file()]
    given = {arrival.path for arrival in found(tmp_path)}
    assert {path for path in every if is_wanted(path, tmp_path)} == given
    assert not is_wanted(tmp_path / "s" / "Trash", tmp_path)
    assert is_wanted(tmp_path / "Trash", tmp_path)
    assert is_wanted(tmp_path / "x.bak", tmp_path)


def test_a_link_that_was_named_is_followed(tmp_path: Path) -> None:
    put(tmp_path, "real/158_1.jpg")
    folder, file = tmp_path / "folder-link", tmp_path / "file-link.jpg"
    folder.symlink_to(tmp_path / "real")
    file.symlink_to(tmp_path / "real/158_1.jpg")
    skipped: list[Path] = []
    (by_folder,) = found(folder, skipped=skipped)
    assert by_folder.path == folder / "158_1.jpg"
    (by_file,) = found(file, skipped=skipped)
    assert by_file.path == tmp_path.resolve() / "real/158_1.jpg"
    assert accept(by_file, most_bytes=1000).size == len(b"a photograph")
    assert skipped == []


def test_a_part_of_a_folder_is_found_through_no_link(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    for folder in (root / "part", elsewhere):
        folder.mkdir(parents=True)
        (folder / "1.jpg").touch()
    (root / "link").symlink_to(elsewhere)
    (root / "to nowhere").symlink_to(tmp_path / "nowhere")
    skipped: list[Path] = []

    def found(part: str) -> list[tuple[Path, Path]]:
        arrivals = scan(
            [root / part], door=Door.WATCH, now=START, within=root, link_skipped=skipped.append
        )
        return [(arrival.path, arrival.root) for arrival in arrivals]

    assert found("part") == [(root / "part" / "1.jpg", root)]
    assert found("link") == found("to nowhere") == []
    assert skipped == [root / "link", root / "to nowhere"]


def test_a_loop_of_links_that_was_named_is_refused_and_not_run_round(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (arrival,) = found(tmp_path / "one")
    with pytest.raises(PhotoRefused) as refusal:
        accept(arrival, most_bytes=1000)
    assert refusal.value.reason is Reason.NOT_A_FILE


def test_pipes_and_sockets_below_a_folder_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    posix.mkfifo(tmp_path / "pipe.jpg")
    # The path of a socket may be long no longer than some 100 bytes.
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        with socket.socket(posix.AF_UNIX) as unix:
            unix.bind("socket.jpg")
            assert names(found(tmp_path)) == ["a.jpg"]
    finally:
        os.chdir(here)


def test_a_folder_that_may_not_be_read_is_refused_with_its_reason_and_the_rest_is_found(
    tmp_path: Path,
) -> None:
    put(tmp_path, "1/a.jpg", "2/b.jpg", "3/c.jpg")
    closed = tmp_path / "2"
    closed.chmod(0)
    try:
        with permissions_in_force():
            arrivals = found(tmp_path)
            assert [arrival.path for arrival in arrivals] == [
                tmp_path / "1/a.jpg",
                closed,
                tmp_path / "3/c.jpg",
            ]
            with pytest.raises(PhotoRefused) as refusal:
                accept(arrivals[1], most_bytes=1000)
            below = found(closed / "b.jpg")
            with pytest.raises(PhotoRefused) as refusal_below:
                accept(below[0], most_bytes=1000)
    finally:
        closed.chmod(0o700)
    assert refusal.value.reason is Reason.UNREADABLE
    assert "permissions" in str(refusal.value)
    assert refusal_below.value.reason is Reason.UNREADABLE


NAMES = [
    pytest.param(b"two\nlines.jpg", id="newline"),
    pytest.param(b"tab\tand\x1b[31mred.jpg", id="control"),
    pytest.param("caf\u00e9.jpg".encode(), id="NFC"),
    pytest.param("cafe\u0301.jpg".encode(), id="NFD"),
    pytest.param(b"latin\xe9.jpg", id="not-UTF-8"),
    pytest.param(b"\xff\xfe.jpg", id="no-text-at-all"),
    pytest.param(b"a" * 251 + b".jpg", id="255-bytes"),
    pytest.param("\u202egpj.exe.jpg".encode(), id="right-to-left"),
    pytest.param(b"-rf.jpg", id="leading-dash"),
    pytest.param(b' "quoted" \'; rm $(x) `y` \\.jpg ', id="shell"),
    pytest.param(b"CON.jpg", id="device-name"),
    pytest.param("😀.jpg".encode(), id="outside-the-basic-plane"),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_bytes_come_back_as_they_are_and_can_be_taken_in(
    tmp_path: Path, name: bytes
) -> None:
    file = tmp_path / os.fsdecode(name)
    try:
        file.write_bytes(b"a photograph")
    except OSError as error:
        pytest.skip(f"this file system does not take the name: {error}")
    (arrival,) = found(tmp_path)
    assert os.fsencode(arrival.path.name) == name
    assert accept(arrival, most_bytes=1000).path == file


def test_composed_and_decomposed_names_are_two_files_where_the_disk_says_so(
    tmp_path: Path,
) -> None:
    for form in ("caf\u00e9.jpg", "cafe\u0301.jpg"):
        (tmp_path / form).write_bytes(b"a photograph")
    assert len(found(tmp_path)) == len(list(tmp_path.iterdir()))


def test_folders_that_lie_deeper_than_python_calls_are_walked(tmp_path: Path) -> None:
    depth = 1100
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(depth):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(os.open("a.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    finally:
        os.close(here)
    (arrival,) = found(tmp_path)
    assert len(arrival.path.relative_to(tmp_path).parts) == depth + 1
    # Deeper than Python itself could remove it.
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_path_longer_than_the_system_takes_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    # Made by hand over hand, for no single call takes so long a path.
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(20):
            os.mkdir("d" * 250, dir_fd=here)
            below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    (arrival,) = found(tmp_path)
    with pytest.raises(PhotoRefused) as refusal:
        accept(arrival, most_bytes=1000)
    assert refusal.value.reason is Reason.UNREADABLE


def test_ten_thousand_files_are_found_each_once(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.jpg").touch()
    assert [arrival.path.name for arrival in found(tmp_path)] == [
        f"{number}.jpg" for number in range(10_000)
    ]


def test_the_sentence_of_left_out_copies_says_how_many(tmp_path: Path) -> None:
    one = copies_left_out([tmp_path / "a.jpg"])
    assert one.startswith(f"one conflict copy was left out ({tmp_path}/a.jpg)")
    assert copies_left_out([tmp_path / "a.jpg"] * 3).startswith("3 conflict copies were left out")


def stamped(*paths: Path) -> list[Arrival]:
    return list(scan(paths, door=Door.RUN, now=START, stamps=True))


def test_stamps_are_those_that_a_file_is_read_with(tmp_path: Path) -> None:
    put(tmp_path, "158/a.jpg", "b.jpg")
    named = tmp_path / "b.jpg"
    found = {one.path: one.stamp for one in stamped(tmp_path)}
    assert found == {
        path: str(stamp_of(path.stat(), path.parent)) for path in (tmp_path / "158/a.jpg", named)
    }
    assert [one.stamp for one in stamped(named)] == [found[named]]


def test_a_scan_gives_no_stamps_unasked(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    assert [one.stamp for one in found(tmp_path)] == [None]


def test_a_raw_file_beside_its_picture_is_not_known_by_itself(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "a.CR3", "b.CR3", "c.jpg", "c.jpg.xmp")
    found = {one.path.name: one.stamp is not None for one in stamped(tmp_path)}
    assert found == {
        "a.jpg": True,
        "a.CR3": False,
        "b.CR3": True,
        "c.jpg": True,
        "c.jpg.xmp": False,
    }
    assert [one.stamp is None for one in stamped(tmp_path / "a.CR3")] == [True]
    watched = scan([tmp_path], door=Door.WATCH, now=START, stamps=True)
    assert all(one.stamp for one in watched), "a watcher does not ask what lies beside it"


def test_what_lies_in_two_folders_that_were_named_is_found_once_by_the_first(
    tmp_path: Path,
) -> None:
    put(tmp_path, "in/a.jpg", "in/sub/b.jpg", "in/.hidden/c.jpg", "other/d.jpg")
    within, top, other = tmp_path / "in/sub", tmp_path / "in", tmp_path / "other"
    hidden = tmp_path / "in/.hidden/c.jpg"
    for paths, roots in (
        ((top, within), {"a": top, "b": top}),
        ((within, top), {"a": top, "b": within}),
        ((top, other, top), {"a": top, "b": top, "d": other}),
        ((top, within / "b.jpg", hidden), {"a": top, "b": top, "c": hidden.parent}),
        ((within / "b.jpg", top), {"a": top, "b": within}),
    ):
        arrivals = found(*paths)
        assert {one.path.stem: one.root for one in arrivals} == roots
        assert len(arrivals) == len(roots)
