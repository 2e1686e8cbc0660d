from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.home import CURRENT_PRODUCT_FILE, INBOX_FOLDER
from pipeline.hook import inbox
from pipeline.hook.call import files_called_with, note_down, run_hook
from pipeline.intake import arrival_of
from pipeline.values import Door
from tests.hook.entries import entries

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


def test_the_photograph_and_the_entry_and_their_names_are_on_the_disk_before_it_returns(
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
    folder = home / INBOX_FOLDER
    assert flushed[:2] == [str(shot), str(shot.parent)]
    assert Path(flushed[2]).parent == folder
    assert flushed[3] == str(folder)


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
    assert not (tmp_path / "home" / CURRENT_PRODUCT_FILE).exists()
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
