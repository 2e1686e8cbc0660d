"""`pipeline doctor`: what is not as a run needs it, and only that, is called wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pipeline.cli.doctor import Looked
from pipeline.home import INBOX_FOLDER, KEPT_FOLDER
from pipeline.hook.inbox import add_entry, set_aside
from pipeline.kept import Kept
from pipeline.report.schemas import Document, schema_of
from tests.cli.conftest import Studio
from tests.localstore.process import READ_ONLY, StoreProcess
from tests.stories.commands import Command


def test_doctor_finds_nothing_wrong_where_nothing_is(studio: Studio) -> None:
    said = studio.pipeline("doctor").well().out
    for words in ("can be written", "records are in order", "answers", "token is accepted",
                  "may change products", "clock", "decoded in processes"):  # fmt: skip
        assert re.search(rf"^ok .*{words}", said, re.MULTILINE), words
    assert "WRONG" not in said
    assert "1,000,000 bytes and 2048 pixels" in said
    assert "today's shops document 8 MB" in said


def test_doctor_has_no_advice_on_sizes_where_all_is_used(studio: Studio) -> None:
    run = studio.pipeline("doctor", environment={"PIPELINE_MAX_BYTES": "8000000"}).well()
    assert "8,000,000 bytes" in run.out
    assert "document" not in run.out


def test_doctor_says_that_the_token_is_not_good(studio: Studio) -> None:
    run = studio.pipeline("doctor", environment={"BIGCOMMERCE_ACCESS_TOKEN": "another-token"})
    assert run.status == 1
    assert re.search(r"^WRONG .*token", run.out, re.MULTILINE)
    assert "another-token" not in run.out + run.err


def test_doctor_says_that_the_token_may_only_read(tmp_path: Path) -> None:
    reads_only = ("--open", "--read-only-token", READ_ONLY)
    with StoreProcess(tmp_path / "store", *reads_only) as store:
        command = Command(tmp_path / "home", store)
        run = command("doctor", environment={"BIGCOMMERCE_ACCESS_TOKEN": READ_ONLY})
    assert run.status == 1
    assert re.search(r"^WRONG .*give its API account the scope", run.out, re.MULTILINE)


def test_doctor_says_that_the_store_is_not_reached(studio: Studio) -> None:
    away = {"PIPELINE_STORE_URL": "http://127.0.0.1:9/stores/abc/v3"}
    run = studio.pipeline("doctor", environment=away)
    assert run.status == 1
    assert re.search(r"^WRONG .*connection", run.out, re.MULTILINE)


def test_doctor_says_that_the_home_cannot_be_made(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = studio.pipeline("doctor", "--home", tmp_path / "file" / "home")
    assert run.status == 1
    assert re.search(r"^WRONG .*cannot be written", run.out, re.MULTILINE)


def test_doctor_and_status_tell_of_a_note_that_is_set_aside(studio: Studio, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    aside = set_aside(add_entry(str(home), {"what": "is this"}), "it makes no sense")
    Kept(home / KEPT_FOLDER).keep(Path(aside), "ab" * 32)
    run = studio.pipeline("doctor", "--home", home)
    assert run.status == 1
    assert re.search(
        r"^WRONG .*it makes no sense; give the photograph again", run.out, re.MULTILINE
    )
    assert Path(aside).name in run.out
    assert "one shot is kept in the home until its picture is in the shop" in run.out
    said = studio.pipeline("status", "--home", home).well().out
    assert "1 note of a shot is set aside: `pipeline doctor` says which" in said
    document = json.loads(studio.pipeline("status", "--json", "--home", home).well().out)
    assert (document["noted_down"], document["set_aside"]) == (0, 1)


def test_doctor_says_that_the_inbox_cannot_be_read(studio: Studio, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / INBOX_FOLDER).touch()
    run = studio.pipeline("doctor", "--home", home)
    assert run.status == 1
    assert re.search(
        r"^WRONG .*the folder of noted shots, .*, cannot be read", run.out, re.MULTILINE
    )


def test_each_finding_has_a_word_and_a_state_for_programs(studio: Studio) -> None:
    document = studio.pipeline("doctor", "--json").well().document
    assert document["good"]
    assert {one["state"] for one in document["findings"]} == {"ok"}
    said = [one["code"] for one in document["findings"]]
    assert {"home", "free_space", "records", "shop", "token", "scope", "decoders"} <= set(said)
    wrong = {"BIGCOMMERCE_ACCESS_TOKEN": "another-token"}
    (found,) = not_ok(studio.pipeline("doctor", "--json", environment=wrong).document)
    assert (found["code"], found["state"]) == ("token", "not_checked")
    assert found["error_code"] == "token_refused"
    away = {"PIPELINE_STORE_URL": "http://127.0.0.1:9/stores/abc/v3"}
    (found,) = not_ok(studio.pipeline("doctor", "--json", environment=away).document)
    assert (found["code"], found["error_code"]) == ("shop", "shop_away")


def not_ok(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in document["findings"] if one["state"] != "ok"]


def test_the_words_of_the_schema_are_those_of_the_program() -> None:
    known = schema_of(Document.DOCTOR)["$defs"]
    assert known["looked_at"]["enum"] == list(Looked)
