"""The quick part of the hook: what it writes, what it reads, and what it must not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from pipeline.home import TABLE_FILE, TRAY_FOLDER, WATCH_LOCK, default_home
from pipeline.hook import inbox as tray
from pipeline.hook.call import files_called_with, hook_called, note_down
from pipeline.intake import arrival_of, take_in_slips
from pipeline.values import Arrival, Door, Photo

HEAVY = {
    "PIL", "requests", "pydantic", "sqlalchemy", "watchdog", "click", "rich", "filelock",
    "platformdirs", "sqlite3", "numpy", "typing", "dataclasses", "pathlib", "re", "json",
}  # fmt: skip


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photograph in the folder that a shoot is done in, and an environment that says nothing."""
    for name in ("ACTION", "ARGUMENT", "PIPELINE_SKU", "PIPELINE_PRODUCT", "PIPELINE_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "shoot"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = folder / "IMG_0001.JPG"
    path.write_bytes(b"a photograph")
    return path


def slips(home: Path) -> list[dict[str, str]]:
    return [tray.read_slip(slip) for slip in tray.pending(str(home))]


def test_nothing_heavy_is_loaded_on_the_way_of_a_shot(tmp_path: Path, shot: Path) -> None:
    program = (
        "import sys, json; sys.argv = ['pipeline', 'hook', '--no-start']\n"
        "from pipeline.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert ended.code == 0, ended.code\n"
        "print('\\n'.join(sys.modules))"
    )
    environment = {
        **os.environ,
        "ACTION": "download",
        "ARGUMENT": shot.name,
        "PIPELINE_HOME": str(tmp_path / "home"),
    }
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=shot.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    bare = subprocess.run(
        [sys.executable, "-c", "import sys, json; print(json.dumps(list(sys.modules)))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    # What the interpreter itself or its start-up files load is not ours; json is the test's own.
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    loaded -= {name.partition(".")[0] for name in json.loads(bare.stdout)}
    assert loaded & HEAVY == set()
    assert [slip["path"] for slip in slips(tmp_path / "home")] == [str(shot)]


@given(
    st.dictionaries(
        st.binary(min_size=1, max_size=8).filter(lambda name: not set(name) & set(b"\0=")),
        st.binary(max_size=300).filter(lambda value: b"\0" not in value),
        min_size=1,
    )
)
def test_a_slip_gives_back_whatever_bytes_a_path_has(fields: dict[bytes, bytes]) -> None:
    told = {os.fsdecode(name): os.fsdecode(value) for name, value in fields.items()}
    with TemporaryDirectory() as home:
        assert tray.read_slip(tray.put_down(home, told)) == told


def test_the_photograph_and_the_slip_and_their_names_are_on_the_disk_before_it_returns(
    tmp_path: Path, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only where the system tells which file a handle is")
    monkeypatch.setattr(os, "fsync", fsync)
    home = tmp_path / "home"
    assert len(note_down(str(home), [shot.name], {})) == 1
    folder = home / TRAY_FOLDER
    assert flushed[:2] == [str(shot), str(shot.parent)]
    assert Path(flushed[2]).parent == folder
    assert flushed[3] == str(folder)


def test_what_the_caller_says_counts_before_the_environment_and_that_before_the_table(
    tmp_path: Path, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(tmp_path / "home")
    tray.set_table(home, {"sku": "ON-TABLE"})
    note_down(home, [shot.name], {})
    monkeypatch.setenv("PIPELINE_SKU", "BY-ENVIRONMENT")
    note_down(home, [shot.name], {})
    note_down(home, [shot.name], {"sku": "GIVEN"})
    arrivals = [arrival_of(slip) for slip in slips(tmp_path / "home")]
    assert [(one.sku, one.on_table) for one in arrivals] == [
        ("ON-TABLE", True),
        ("BY-ENVIRONMENT", False),
        ("GIVEN", False),
    ]
    tray.clear_table(home)
    tray.clear_table(home)
    assert not (tmp_path / "home" / TABLE_FILE).exists()
    assert tray.on_the_table(home) == {}


def test_a_shot_is_taken_as_lying_below_the_folder_the_shoot_is_done_in(
    tmp_path: Path, shot: Path
) -> None:
    below = shot.parent / "DCIM" / "b.jpg"
    below.parent.mkdir()
    below.write_bytes(b"b")
    elsewhere = tmp_path / "c.jpg"
    elsewhere.write_bytes(b"c")
    note_down(str(tmp_path / "home"), ["DCIM/b.jpg", str(elsewhere)], {})
    first, second = (arrival_of(slip) for slip in slips(tmp_path / "home"))
    assert (first.path, first.root, first.door) == (below, shot.parent, Door.HOOK)
    assert (second.path, second.root) == (elsewhere, tmp_path)


def test_a_path_that_was_broken_at_its_blanks_is_put_together_again(shot: Path) -> None:
    whole = shot.with_name("red shoe 1.jpg")
    whole.write_bytes(b"whole")
    assert files_called_with(str(whole).split(" ")) == [str(whole)]
    assert files_called_with(["a.jpg", "b.jpg"]) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("action", ["start", "stop", "something-new"])
def test_gphoto2s_other_actions_do_nothing_and_end_well(
    action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTION", action)
    monkeypatch.setenv("PIPELINE_HOME", str(tmp_path / "home"))
    assert hook_called([]) == 0
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--wait", "a.jpg"],
        ["--print", "gphoto2"],
        ["a.jpg", "--sku", "X"],
        ["--product", "x", "a.jpg"],
        ["--product", "1", "--sku", "X", "a.jpg"],
        ["--sku"],
        [],
    ],
)
def test_a_call_of_another_shape_is_left_to_the_whole_command_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACTION", raising=False)
    assert hook_called(arguments) is None


def test_a_shot_that_is_not_there_is_said_and_the_others_are_noted_down(
    tmp_path: Path, shot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = hook_called(["--no-start", "--home", str(tmp_path / "home"), "gone.jpg", shot.name])
    assert status == 1
    assert "gone.jpg' is not noted down: No such file" in capsys.readouterr().err
    assert [slip["path"] for slip in slips(tmp_path / "home")] == [str(shot)]


def test_a_held_lock_is_seen_without_the_library_that_took_it(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert not tray.is_held(home, WATCH_LOCK)
    lock = FileLock(tmp_path / WATCH_LOCK)
    with lock:
        assert tray.is_held(home, WATCH_LOCK)
    assert not tray.is_held(home, WATCH_LOCK)
    with lock.acquire(blocking=False):
        assert tray.is_held(home, WATCH_LOCK)


@pytest.mark.parametrize("data", [None, "", "  ", "/srv/data"])
def test_the_home_is_the_one_that_the_platforms_custom_gives(
    data: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if data is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", data)
    assert default_home() == platformdirs.user_data_dir("photo-pipeline", appauthor=False)


def test_a_slip_lies_on_until_its_photograph_is_in_the_ledger(tmp_path: Path, shot: Path) -> None:
    home = tmp_path / "home"
    note_down(str(home), [shot.name], {})

    def not_ready(arrival: Arrival) -> Photo | None:
        return None

    def breaks(arrival: Arrival) -> Photo | None:
        raise RuntimeError

    assert take_in_slips(home, not_ready) == 0
    with pytest.raises(RuntimeError):
        take_in_slips(home, breaks)
    assert len(slips(home)) == 1


def test_a_slip_that_cannot_be_read_is_put_aside_and_stops_nobody(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    Path(tray.put_down(str(home), {"what": "is this"})).touch()
    note_down(str(home), [shot.name], {})
    seen: list[Path] = []

    def note(arrival: Arrival) -> Photo | None:
        seen.append(arrival.path)
        return None

    take_in_slips(home, note)
    assert seen == [shot]
    assert len(slips(home)) == 1
    assert [path.name[:12] for path in (home / TRAY_FOLDER).glob(".unreadable*")] == [
        ".unreadable-"
    ]
