from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest

from pipeline.home import INBOX_FOLDER
from pipeline.hook import copying, inbox
from pipeline.hook.call import files_called_with, note_down, run_hook
from pipeline.hook.inbox import sweep_copies
from pipeline.intake import arrival_of, take_in_inbox
from pipeline.originals import open_regular
from pipeline.values import Arrival, Door, Photo
from tests import posix
from tests.hook.entries import entries

JPEG = b"\xff\xd8\xff a photograph"

LIGHT = {"__future__", "errno", "fcntl", "pipeline"}
"""What a call may load that a bare interpreter has not."""


def test_nothing_is_loaded_on_the_way_of_a_shot_but_what_is_there_already(
    tmp_path: Path, shot: Path
) -> None:
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
    assert loaded <= LIGHT
    assert [entry["path"] for entry in entries(tmp_path / "home")] == [str(shot)]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff a photograph", b"II*\0 a raw file"])
def test_the_photograph_its_copy_the_entry_and_their_names_are_on_the_disk_before_it_returns(
    tmp_path: Path, shot: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
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
    shot.write_bytes(content)
    ((entry, fields),) = note_down(str(home), [shot.name], {})
    copies = [inbox.copy_of(entry)] if "copy" in fields else []
    assert bool(copies) is content.startswith(b"\xff\xd8")
    *first, written, folder = flushed
    assert first == [str(shot), str(shot.parent), *copies]
    assert Path(written).parent == home / INBOX_FOLDER
    assert folder == str(home / INBOX_FOLDER)


def test_a_shot_that_cannot_be_copied_is_noted_down_and_that_is_said(
    tmp_path: Path,
    shot: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shot.write_bytes(JPEG)
    monkeypatch.setattr("sys.platform", "one without reflinks")
    monkeypatch.setattr(copying, "LEFT_FREE", 1 << 62)
    assert run_hook(["--no-start", "--home", str(tmp_path / "home"), shot.name]) == 0
    said = capsys.readouterr().err
    assert "is noted down, but could not be copied (the disk of the home" in said
    assert "let no other shot overwrite it before it is in the shop" in said
    (entry,) = entries(tmp_path / "home")
    assert "copy" not in entry
    assert entry["uncopied"] == inbox.stamp_of(str(shot))


CALLS = ("open", "close", "read", "write", "fsync", "replace", "mkdir", "copy_file_range", "fstat")
"""Of the system, as the hook makes them."""


def dies_at(number: int, home: Path, shot: Path) -> bool:
    """Whether a hook that dies at its so many-th call of the system came so far."""
    child = posix.fork()
    if child == 0:
        left = number

        def dying(real: Callable[..., object]) -> Callable[..., object]:
            def call(*given: object, **named: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    os._exit(9)
                return real(*given, **named)

            return call

        for name in CALLS:
            setattr(os, name, dying(getattr(os, name)))
        try:
            note_down(str(home), [str(shot)], {"sku": "SM-13"})
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


def none_is_ready(seen: list[Arrival], arrivals: Iterable[Arrival]) -> list[Photo | None]:
    """Take none in, so that each entry and its copy lie on."""
    seen.extend(arrivals)
    return [None] * len(seen)


@pytest.mark.skipif(posix.fork is None, reason="only where a process can be doubled")
def test_wherever_a_hook_dies_there_is_a_whole_copy_with_the_entry_or_no_entry(
    tmp_path: Path, shot: Path
) -> None:
    number, ends = 1, set()
    while True:
        home = tmp_path / str(number)
        shot.write_bytes(JPEG * 1000)
        died = dies_at(number, home, shot)
        shot.write_bytes(b"the next shot")
        seen: list[Arrival] = []
        take_in_inbox(home, partial(none_is_ready, seen))
        for arrival in seen:
            assert arrival.copy is not None
            assert arrival.copy.read_bytes() == JPEG * 1000
        ends.add((died, len(seen)))
        sweep_copies(str(home), time.time() + 1)
        left = sorted((home / INBOX_FOLDER).glob(".*.copy"))
        assert left == [arrival.copy for arrival in seen]
        if not died:
            break
        number += 1
    assert ends == {(True, 0), (True, 1), (False, 1)}
    assert number > 15


def test_what_the_caller_says_counts_before_the_environment_and_that_before_the_current_product(
    tmp_path: Path, shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(tmp_path / "home")
    inbox.set_current_product(home, {"sku": "CURRENT"})
    note_down(home, [shot.name], {})
    monkeypatch.setenv("PIPELINE_SKU", "BY-ENVIRONMENT")
    note_down(home, [shot.name], {})
    note_down(home, [shot.name], {"sku": "GIVEN"})
    arrivals = [arrival_of(entry) for entry in entries(tmp_path / "home")]
    assert [(one.sku, one.from_current_product) for one in arrivals] == [
        ("CURRENT", True),
        ("BY-ENVIRONMENT", False),
        ("GIVEN", False),
    ]
    inbox.clear_current_product(home)
    inbox.clear_current_product(home)
    assert inbox.current_product(home) == {}


def test_a_shot_is_taken_as_lying_below_the_folder_the_shoot_is_done_in(
    tmp_path: Path, shot: Path
) -> None:
    below = shot.parent / "DCIM" / "b.jpg"
    below.parent.mkdir()
    below.write_bytes(b"b")
    elsewhere = tmp_path / "c.jpg"
    elsewhere.write_bytes(b"c")
    note_down(str(tmp_path / "home"), ["DCIM/b.jpg", str(elsewhere)], {})
    first, second = (arrival_of(entry) for entry in entries(tmp_path / "home"))
    assert (first.path, first.root, first.door) == (below, shot.parent, Door.HOOK)
    assert (second.path, second.root) == (elsewhere, tmp_path)


def test_a_path_that_was_given_through_a_link_is_one_that_was_chosen(
    tmp_path: Path, shot: Path
) -> None:
    session = tmp_path / "another disk" / "SM-13"
    session.mkdir(parents=True)
    (session / "a.jpg").write_bytes(b"II*\0 and no copy")
    (shot.parent / "session").symlink_to(session.parent)
    note_down(str(tmp_path / "home"), ["session/SM-13/a.jpg"], {})
    (arrival,) = (arrival_of(entry) for entry in entries(tmp_path / "home"))
    assert arrival.path == shot.parent / "session" / "SM-13" / "a.jpg"
    assert arrival.root == arrival.path.parent
    with open_regular(arrival.path, arrival.root) as file:
        assert file.read() == b"II*\0 and no copy"


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
    assert run_hook([]) == 0
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
    assert run_hook(arguments) is None


def test_a_shot_that_is_not_there_is_said_and_the_others_are_noted_down(
    tmp_path: Path, shot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run_hook(["--no-start", "--home", str(tmp_path / "home"), "gone.jpg", shot.name])
    assert status == 1
    assert "gone.jpg' is not noted down: No such file" in capsys.readouterr().err
    assert [entry["path"] for entry in entries(tmp_path / "home")] == [str(shot)]
