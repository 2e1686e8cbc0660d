"""What may come next on a command line: told to a shell, which asks at each Tab."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.completing import MOST, Answer, answers
from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason, State
from pipeline.settings import SETTINGS
from tests.makers import START
from tests.stories.commands import ROOT, Command
from tests.stories.test_loading import PICTURES, SERVER, WATCHING, WORKING, modules


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that keeps some SKUs of a shop."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("PIPELINE_HOME", str(home))
    with closing(open_ledger(home / LEDGER_FILE, "a store", "run", lambda: START)) as ledger:
        age = ledger.catalogue_age()
        ledger.age_catalogue(age, age)
        skus = {158: ["SM-13"], 159: ["SM-14", "Two words"], 1580: ["RING-07"], 21: ["Ä 1"]}
        ledger.keep_skus(skus)
    return home


def values(*words: str) -> list[str]:
    return [one.value for one in answers(words) if one.kind == "value"]


def kinds(*words: str) -> set[str]:
    return {one.kind for one in answers(words)}


def test_commands_and_options_are_completed_with_what_they_are() -> None:
    assert {"run", "watch", "status", "completion"} <= set(values(""))
    assert values("stat") == ["status"]
    assert next(answers(["stat"])).about
    assert values("ledger", "re") == ["rebuild"]
    assert values("config", "sh") == ["show"]
    assert {"--exclude", "--dry-run"} <= set(values("run", "-"))
    assert values("run", "--dry") == ["--dry-run"]
    assert "--help" in values("run", "--h")
    assert not {"--background", "--lock"} & set(values("hook", "--"))
    assert values("status", "nonsense", "") == []


def test_words_that_the_program_knows_are_completed() -> None:
    assert set(State) <= set(values("list", "--state", ""))
    assert set(values("list", "--reason", "")) == {*Reason}
    assert values("list", "--state", "FA") == ["failed"]
    assert values("list", "--state=fa") == ["--state=failed"]
    assert values("list", "--state", "=", "fa") == ["failed"], "so bash splits it"
    assert set(State) <= set(values("list", "--state", "="))
    assert values("config", "get", "quality_b") == ["quality_best"]
    assert set(SETTINGS) == set(values("config", "set", ""))
    assert values("completion", "") == ["bash", "zsh", "fish", "powershell"]
    assert "images" in values("schema", "im")
    assert "today" in values("list", "--since", "to")


def test_files_and_folders_are_left_to_the_shell() -> None:
    assert kinds("run", "") == {"file"}
    assert kinds("run", "a.jpg", "") == {"file"}
    assert kinds("run", "--", "-a") == {"file"}
    assert kinds("watch", "") == {"folder"}
    assert kinds("run", "--home", "") == {"folder"}
    assert kinds("run", "--config=") == {"file"}
    assert kinds("status", "") == set()
    assert kinds("run", "--limit", "") == set()


def test_skus_and_products_are_those_that_the_ledger_keeps(home: Path) -> None:
    assert values("table", "SM") == ["SM-13", "SM-14"]
    assert values("table", "sm-1") == ["sm-13", "sm-14"]
    assert values("run", "--sku", "r") == ["ring-07"]
    assert values("run", "--sku", "'two w") == ["two words"]
    assert values("run", "--product", "15") == ["158", "159", "1580"]
    assert values("images", "list", "15") == ["158", "159", "1580"]
    assert values("images", "list", "RI") == ["RING-07"]
    assert [one.about for one in answers(["table", "SM-13"])] == ["product 158"]
    assert kinds("history", "SM") == {"value", "file"}
    assert values("table", "--home", "/nowhere", "SM") == []
    assert values("table", "SM-13", "") == [], "it takes one"


def test_no_more_are_told_than_can_be_looked_at(home: Path) -> None:
    with closing(open_ledger(home / LEDGER_FILE, "a store", "run", lambda: START)) as ledger:
        ledger.keep_skus({number: [f"many-{number}"] for number in range(2_000, 4_000)})
    assert len(values("table", "many")) == MOST
    assert len(values("run", "--product", "2")) == MOST


@given(words=st.lists(st.text(max_size=12), max_size=5))
def test_whatever_is_typed_is_no_trouble(words: list[str]) -> None:
    for one in answers(words):
        assert isinstance(one, Answer)


def asked(pipeline: Command, *words: str, shell: str = "bash") -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        cwd=ROOT,
        env={**pipeline.environment, "_PIPELINE_COMPLETE": shell},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stderr == ""
    return ended.stdout


def test_nothing_is_written_whatever_lies_there(home: Path, tmp_path: Path) -> None:
    fresh = Command(tmp_path / "none", None)
    assert asked(fresh, "table", "S") == ""
    assert not fresh.home.exists()
    pipeline = Command(home, None)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert "SM-13" in asked(pipeline, "table", "SM")
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    (home / LEDGER_FILE).write_bytes(b"no ledger at all")
    assert asked(pipeline, "table", "SM") == ""
    assert asked(pipeline, "status", "--js") == "value\t--json\tPrint one JSON document\n"


def test_what_is_kept_is_told_also_while_another_process_writes(home: Path) -> None:
    with closing(open_ledger(home / LEDGER_FILE, "a store", "run", lambda: START)) as one:
        one.keep_skus({78: ["OLD-1"]})
        with closing(open_ledger(home / LEDGER_FILE, "a store", "run", lambda: START)) as other:
            other.keep_skus({77: ["NEW-1"]})
        assert values("table", "NEW") == ["NEW-1"]


def test_shops_are_those_of_the_settings_file(home: Path, tmp_path: Path) -> None:
    assert values("run", "--shop", "") == []
    (home / "pipeline.toml").write_text("[shops.mugs]\n[shops.rings]\n")
    assert values("run", "--shop", "") == ["mugs", "rings"]
    other = tmp_path / "other.toml"
    other.write_text("[shops.bowls]")
    assert values("run", "--config", str(other), "--shop", "b") == ["bowls"]
    other.write_text("[shops")
    assert values("run", "--config", str(other), "--shop", "b") == []


def test_words_may_come_a_line_each(home: Path) -> None:
    pipeline = Command(home, None)
    pipeline.environment["_PIPELINE_WORDS"] = "table\nSM-13"
    assert asked(pipeline, shell="powershell") == "value\tSM-13\tproduct 158\n"


def test_a_shell_that_asks_loads_no_more_than_a_question_does(home: Path) -> None:
    pipeline = Command(home, None)
    pipeline.environment["_PIPELINE_COMPLETE"] = "bash"
    names = modules(pipeline, "table", "SM")
    strangers = {
        "click",
        "pipeline.settings",
        "pipeline.values",
        "pipeline.cli.main",
        "pipeline.ledger",
    }
    assert names & (strangers | WORKING | PICTURES | WATCHING | SERVER) == set()
    assert os.environ.get("_PIPELINE_COMPLETE") is None
