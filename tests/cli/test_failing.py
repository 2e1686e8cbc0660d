"""Whoever asked for JSON gets JSON, also of what went wrong before anything else was known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Studio


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "--json", "--nonsense"), "wrong_call"),
        (("run", "--json", "/nowhere/at/all"), "wrong_call"),
        (("list", "--json", "--state", "nonsense"), "wrong_call"),
        (("nonsense", "--json"), "wrong_call"),
        (("logs", "--json", "--since", "nonsense"), "wrong_call"),
        (("status", "--json", "--shop", "nobody"), "wrong_setting"),
        (("images", "get", "158", "999", "--json"), "shop_said_no"),
    ],
)
def test_a_call_for_json_that_fails_gives_json_and_a_sentence(
    studio: Studio, words: tuple[str, ...], code: str
) -> None:
    run = studio.pipeline(*words)
    assert run.status in (1, 2)
    assert set(run.document) == {"version", "error", "error_code"}
    assert run.document["error_code"] == code
    assert run.document["error"] in run.err
    assert run.out.count("\n") == 1


def test_without_json_nothing_of_it_is_on_standard_output(studio: Studio) -> None:
    for words in (("status", "--shop", "nobody"), ("list", "--nonsense"), ("list", "--", "--json")):
        run = studio.pipeline(*words)
        assert (run.status, run.out) == (2, "")


def test_records_that_are_damaged_have_their_word(studio: Studio, tmp_path: Path) -> None:
    home = tmp_path / "home of garbage"
    home.mkdir()
    (home / "ledger.sqlite3").write_text("this is no database" * 100)
    run = studio.pipeline("list", "--json", "--home", home)
    assert (run.status, run.document["error_code"]) == (2, "records_damaged")
