"""Called by cron or a service: no terminal, streams that are missing or full, a list that is empty.

Whoever reads what came of it is a program, or a person the next morning.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import ROOT, Command, Ended, ended, photograph, until

FULL = Path("/dev/full")

no_numbers = pytest.mark.skipif(os.name == "nt", reason="streams are closed otherwise there")
no_full = pytest.mark.skipif(not FULL.exists(), reason="no such device here")


def _close(numbers: Sequence[int]) -> None:
    for number in numbers:
        os.close(number)


def called(
    pipeline: Command,
    *words: object,
    closed: Sequence[int] = (),
    out: int | Path = subprocess.PIPE,
    given: str | None = None,
    folder: str | Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Call the command as cron does: with nothing but its own environment, in a session alone.

    Args:
        pipeline: the command.
        words: its words.
        closed: the standard streams that are closed.
        out: where standard output goes.
        given: what is on standard input; None for nothing.
        folder: in which it works.
        environment: what is in the environment besides.
    """
    bare = {"PATH": os.defpath, "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    ours = {
        name: value
        for name, value in pipeline.environment.items()
        if name.startswith(("PIPELINE_", "BIGCOMMERCE_"))
    }
    with ExitStack() as stack:
        run = subprocess.run(
            [sys.executable, "-m", "pipeline", *map(str, words)],
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            stdout=stack.enter_context(out.open("wb")) if isinstance(out, Path) else out,
            stderr=subprocess.PIPE,
            text=True,
            env={**bare, **ours, **(environment or {})},
            cwd=folder,
            start_new_session=True,
            check=False,
            preexec_fn=partial(_close, closed) if closed else None,
        )
    assert "Traceback" not in (run.stdout or "") + run.stderr, run.stderr
    return Ended(status=run.returncode, out=run.stdout or "", err=run.stderr)


@no_numbers
@pytest.mark.parametrize("closed", [(0,), (0, 1), (0, 2), (0, 1, 2)])
def test_a_run_without_standard_streams_does_its_work(
    pipeline: Command, store: StoreProcess, shop: Path, closed: tuple[int, ...]
) -> None:
    run = called(pipeline, "run", shop, closed=closed)
    assert run.status == 0
    assert [len(store.images(product)) for product in (157, 158)] == [3, 3]
    # Nobody wrote a word into what has the number of a stream.
    assert called(pipeline, "ledger", "check").status == 0


@no_numbers
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--files-from", "-"),
        ("login",),
        ("shop", "add", "main", "abc123"),
        ("shop", "add", "main", "abc123", "--token-stdin"),
        ("drop", "--all-pending"),
        ("hook", "--print", "gphoto2"),
        ("config", "edit"),
        ("manual",),
    ],
)
def test_what_reads_standard_input_says_so_where_there_is_none(
    pipeline: Command, words: tuple[str, ...]
) -> None:
    run = called(pipeline, *words, closed=(0,), environment={"EDITOR": "true"})
    assert run.status in (0, 2), run.err
    assert (run.status == 0) is (not run.err) or words[0] == "run", run.err


@no_full
@pytest.mark.parametrize(
    "words",
    [("list", "--json"), ("list",), ("status",), ("status", "--json"), ("manual",), ("schema",)],
)
def test_an_answer_that_cannot_be_written_is_said_and_ends_with_2(
    pipeline: Command, shop: Path, words: tuple[str, ...]
) -> None:
    pipeline("run", "-q", shop).well()
    run = called(pipeline, *words, out=FULL)
    assert run.status == 2
    assert "could not be written as a whole (No space left on device)" in run.err


@no_full
@pytest.mark.parametrize("words", [("--json",), ("-q", "--json"), ()])
def test_a_run_whose_report_cannot_be_written_sends_everything_all_the_same(
    pipeline: Command, store: StoreProcess, shop: Path, words: tuple[str, ...]
) -> None:
    run = called(pipeline, "run", *words, shop, out=FULL)
    assert run.status == 2
    assert "could not be written as a whole" in run.err
    assert [len(store.images(product)) for product in (157, 158)] == [3, 3]
    assert called(pipeline, "run", "-q", shop).status == 0


@no_numbers
@pytest.mark.parametrize("words", [("manual",), ("schema", "run"), ("list", "--json")])
def test_whoever_reads_only_the_beginning_is_no_trouble(
    pipeline: Command, shop: Path, words: tuple[str, ...]
) -> None:
    pipeline("run", "-q", shop).well()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run = called(pipeline, *words, out=writing)
    finally:
        os.close(writing)
    assert (run.status, run.err) == (0, "")


def test_a_list_without_a_name_is_a_run_without_a_file(pipeline: Command, shop: Path) -> None:
    """`find … -newer … -print0 | pipeline run --files-from -`, on a night without new pictures."""
    pipeline("run", "--limit", 2, shop).well()
    for words in (("run", "-q"), ("run", "-q", "--null"), ("run", "-q", "--dry-run")):
        run = called(pipeline, *words, "--files-from", "-", given="")
        assert (run.status, run.out) == (0, "")
    document = called(pipeline, "run", "--json", "--files-from", "-", given="").document
    assert document["counts"]["found"] == 0
    assert called(pipeline, "names", "--json", "--files-from", "-", given="").document == []
    assert "names no file" in called(pipeline, "run", "--files-from", "-", given="").err
    assert called(pipeline, "run").status == 2


def test_from_the_root_folder_paths_are_whole(pipeline: Command, tmp_path: Path) -> None:
    """A service works in `/`; what it says is read elsewhere."""
    picture = photograph(tmp_path / "158" / "a.jpg", size=(8, 8))
    picture.write_bytes(picture.read_bytes()[:-40])
    run = called(pipeline, "run", tmp_path / "158", folder=Path(picture.anchor))
    assert run.status == 1
    assert str(picture) in run.out
    logged = pipeline("logs", "--json").well().out
    assert any(str(picture) in json.loads(line)["message"] for line in logged.splitlines())


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_the_end_of_the_connection_ends_a_run_as_ctrl_c_does(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    store.misbehave({"do": "delay", "method": "POST", "seconds": 3, "when": "before"})
    running = pipeline.start("run", "--json", "--uploads", 1, shop)
    until(lambda: store.images(158) != [] or store.images(157) != [])
    posix.killpg(running.pid, posix.SIGHUP)
    run = ended(running)
    assert run.status == 130
    assert run.document["interrupted"] is True
    assert 0 < run.counts["stored"] < 6


def test_what_verify_tells_a_program_names_the_file_with_its_whole_path(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    pipeline("run", "-q", shop).well()
    image = store.images(158)[0]["id"]
    store.call("DELETE", f"/catalog/products/158/images/{image}")
    run = called(pipeline, "verify", "--json", folder=shop)
    assert run.status == 1
    assert [Path(one["path"]).parent for one in run.document] == [shop / "158"]


def test_only_what_waits_is_only_what_waits_for_programs_too(
    pipeline: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "shoot"
    photograph(folder / "158" / "a.jpg")
    photograph(folder / "nobody" / "b.jpg", 1)
    (folder / "notes.txt").write_text("not a picture")
    named = pipeline("names", "--waiting", "--json", folder).well().document
    assert [(Path(one["path"]).name, one["for_upload"]) for one in named] == [("b.jpg", True)]


@pytest.mark.parametrize(
    ("rule", "status", "key", "code"),
    [
        ({"do": "answer", "status": 401, "method": "POST"}, 2, "error_code", "token_refused"),
        ({"do": "answer", "status": 422, "method": "POST"}, 2, "error_code", "refused_alike"),
        (
            {"do": "answer", "status": 429, "retry_after": 3600, "method": "POST"},
            1, "gave_up_code", "shop_pauses",
        ),
        ({"do": "drop", "when": "before-body"}, 1, "gave_up_code", "shop_away"),
    ],
)  # fmt: skip
def test_a_program_is_told_in_one_word_why_a_run_did_not_send_all(
    pipeline: Command,
    store: StoreProcess,
    tmp_path: Path,
    rule: dict[str, object],
    status: int,
    key: str,
    code: str,
) -> None:
    for number in range(24):
        photograph(tmp_path / "shoot" / str(160 + number) / "a.jpg", number, size=(40, 30))
    store.misbehave(rule)
    run = called(
        pipeline, "run", "--json", tmp_path / "shoot", environment={"PIPELINE_PATIENCE": "5"}
    )
    assert run.status == status, run.err
    assert run.document[key] == code
    assert run.document[key.removesuffix("_code")]
    other = {"error_code", "gave_up_code"} - {key}
    assert [run.document[one] for one in other] == [None]
    well = pipeline("run", "--json", "--limit", 1, tmp_path / "shoot").document
    assert set(well) == set(run.document)


@pytest.mark.parametrize(
    "words",
    [
        ("names", "--json", "."),
        ("missing", "--json"),
        ("verify", "--json"),
        ("images", "list", "158", "--json"),
        ("images", "get", "158", "1", "--json"),
    ],
)
def test_a_shop_that_is_away_ends_every_question_alike_and_is_no_empty_list(
    pipeline: Command, store: StoreProcess, shop: Path, words: tuple[str, ...]
) -> None:
    pipeline("run", "-q", shop).well()
    store.stop()
    run = called(pipeline, *words, folder=shop)
    assert run.status == 2
    assert run.document["error_code"] == "shop_away"
