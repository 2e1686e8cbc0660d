"""The end of a run, for people and as JSON: the numbers balance, each trouble has its line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.report import MOST_ALIKE, print_document, print_problems, print_table
from pipeline.lifecycle import State
from pipeline.report.documents import RunEnd
from pipeline.store_address import StoreAddress
from tests.report.photos import photo, report_of, stored_photo

END = RunEnd(interrupted=False, rehearsed=False, error=None)

SHOP = StoreAddress(base_url="https://shop.example/v3", token="token")

REPORT = report_of(
    stored_photo(Path("/shop/158/a.jpg")),
    photo("/shop/158/b.jpg", State.REFUSED, "it is empty: copy it again"),
    photo("/shop/b.jpg", State.WAITING, "whose is it?"),
    photo("/shop/158/c.jpg", State.FAILED, "the shop said 422"),
)

SUMS = END.sums(REPORT)


def numbers(text: str) -> dict[str, int]:
    found = re.findall(
        r"^ *(\d+)  (found|stored|already stored|waiting|refused|failed|not sent|not finished)\b",
        text,
        re.M,
    )
    return {name: int(number) for number, name in found}


def test_the_table_balances(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(REPORT, END, SUMS)
    counts = numbers(capsys.readouterr().out)
    assert counts.pop("found") == sum(counts.values()) == 4


def test_each_trouble_has_a_line_with_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems(REPORT, END, SUMS, err=True)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert len(lines) == 3
    assert any(line.startswith("refused") and "it is empty" in line for line in lines)


def test_the_document_is_one_json_object_with_the_same_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_document(REPORT, END, SUMS, store=SHOP)
    document = json.loads(capsys.readouterr().out)
    assert document["counts"]["found"] == len(document["photographs"]) == 4
    assert document["store"] == {"kind": "real", "address": "https://shop.example/v3", "name": None}


def test_an_interruption_says_how_many_are_left(capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(photo("/shop/158/a.jpg", State.PREPARED))
    ending = RunEnd(interrupted=True, rehearsed=False, error=None)
    print_table(report, ending, ending.sums(report))
    assert "Interrupted: 1 not finished." in capsys.readouterr().out


def test_where_nothing_was_found_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(report_of(), END, END.sums(report_of()))
    assert "No pictures found" in capsys.readouterr().out


def test_a_file_that_was_not_ready_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    ending = replace(END, not_taken=(Path("/shop/158/growing.jpg"),))
    print_table(REPORT, ending, ending.sums(REPORT))
    told = capsys.readouterr().out
    assert (numbers(told)["found"], numbers(told)["not finished"]) == (5, 1)
    assert re.search(r"^not finished +/shop/158/growing.jpg: still being written", told, re.M)
    assert "1 not finished. Run the same command again" in told


def test_of_many_that_were_kept_back_alike_the_first_have_a_line_and_the_rest_a_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending = replace(END, error="the token is bad", kept_back="the token is bad")
    kept = [photo(f"/shop/{number}.jpg", State.PREPARED) for number in range(MOST_ALIKE + 5)]
    report = report_of(*kept)
    print_problems(report, ending, ending.sums(report), err=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        "not sent /shop/0.jpg: the token is bad; will be tried at the next `pipeline run`"
    )
    assert lines[-1] == "not sent 5 more, for the same reason"
    assert len(lines) == MOST_ALIKE + 1
