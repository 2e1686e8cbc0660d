"""What a setting may be given as, and the words for what it should be."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from pipeline.setting_kinds import (
    Kind,
    Secret,
    WrongValue,
    number,
    one_of,
    path,
    secret,
    switch,
    text,
    texts,
    whole,
)
from pipeline.values import Preset

FROM_TEN = whole(10, 64)
SECONDS = number(above=0, most=3600)


def wrong(kind: Kind, given: object) -> str:
    with pytest.raises(WrongValue) as error:
        kind(given)
    return str(error.value)


@pytest.mark.parametrize("given", [12, 12.0, "12", " 12\t", "+12", "12.0", "12.00", "012", "1_2"])
def test_a_whole_number_may_be_written_as_people_write_it(given: object) -> None:
    value = FROM_TEN(given)
    assert (value, type(value)) == (12, int)


@pytest.mark.parametrize(
    "given",
    [
        *("", "none", "1 MB", "12.5", "12.", "1e1", "0x10", "1__2", "_12", "- 12", "12 .0"),
        *("１２", "inf", "9" * 5000, "9", "65"),
        *(12.5, math.nan, math.inf, [12], {}, None, date(2026, 1, 1), 10**400, -(10**400)),
    ],
)
def test_what_is_no_whole_number_in_its_limits_is_told_what_would_be_one(given: object) -> None:
    assert wrong(FROM_TEN, given) == "it should be a whole number from 10 to 64"
    assert wrong(whole(10**401), given) == f"it should be a whole number of {10**401} or more"


@pytest.mark.parametrize("given", [12.5, "12.5", " 12.5 ", "1_2.5", "125e-1", "+12.5"])
def test_a_number_may_have_a_fraction(given: object) -> None:
    assert SECONDS(given) == 12.5


UP_TO_AN_HOUR = "it should be a number, more than 0 and 3600 at most"


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        *((SECONDS, given, UP_TO_AN_HOUR) for given in ("", "none", "1,5", "12 s", "１２", "0x10")),
        *((SECONDS, given, UP_TO_AN_HOUR) for given in ("0", "nan", "inf", "1e400", "-1e400")),
        *((SECONDS, given, UP_TO_AN_HOUR) for given in (math.inf, 10**400, -(10**400), 3600.1)),
        (SECONDS, {}, UP_TO_AN_HOUR),
        (number(least=0.05), "0.04", "it should be a number, 0.05 or more"),
        (number(least=0), "nan", "it should be a number, 0 or more"),
        (number(least=0, below=1), 1, "it should be a number, 0 or more and less than 1"),
        (number(most=86_400), 86_401, "it should be a number, 86400 at most"),
    ],
)
def test_what_is_no_number_in_its_limits_is_told(kind: Kind, given: object, sentence: str) -> None:
    assert wrong(kind, given) == sentence


def test_a_number_without_an_upper_limit_may_be_endless() -> None:
    assert number(least=0)("inf") == math.inf


def test_a_switch_is_switched_by_the_usual_words() -> None:
    for given in (True, 1, 1.0, "1", "on", "T", "true", "TRUE", "y", "Yes"):
        assert switch(given) is True
    for given in (False, 0, 0.0, "0", "off", "F", "false", "n", "NO"):
        assert switch(given) is False
    for given in ("", "perhaps", " true", "2", 2, 1.5, math.nan):
        assert wrong(switch, given) == "it should be true or false"
    assert wrong(switch, ["on"]) == "it should be true or false"


def test_a_word_is_one_of_those_there_are() -> None:
    recipe = one_of(tuple(Preset))
    assert recipe("fast") is Preset.FAST
    assert recipe(Preset.BEST) is Preset.BEST
    for given in ("slow", "BEST", "", 1, ["best"]):
        assert wrong(recipe, given) == "it should be best or fast"


def test_a_text_is_no_number() -> None:
    assert text("abc") == "abc"
    for given in (1, True, ["abc"], {"abc": 1}):
        assert wrong(text, given) == "it should be a text, in quotation marks"


def test_a_path_is_absolute_and_may_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for given in ("~/a.pem", "a.pem", Path("a.pem"), str(tmp_path / "a.pem")):
        assert path(given) == tmp_path / "a.pem"
    assert wrong(path, 1) == "it should be the path of a file, in quotation marks"


def test_a_secret_shows_in_nothing_but_where_it_is_asked_for() -> None:
    token = secret("a-secret-token")
    assert token.reveal() == "a-secret-token"
    assert token == Secret("a-secret-token")
    assert token != Secret("another")
    assert hash(token) == hash(Secret("a-secret-token"))
    for shown in (repr(token), str(token), f"{token}", f"{[token]}"):
        assert "secret-token" not in shown
    assert "secret-token" not in wrong(secret, ["a-secret-token"])


@pytest.mark.parametrize(
    "given", [["a b", "*.tif"], ("a b", "*.tif"), "a b,*.tif", " a b , *.tif,", "a b\n*.tif\n"]
)
def test_several_texts_are_a_list_or_have_commas_or_lines_between(given: object) -> None:
    assert texts(given) == ("a b", "*.tif")


@pytest.mark.parametrize("given", [7, {"a": 1}, True])
def test_what_is_no_list_of_texts_is_told_with_an_example(given: object) -> None:
    several: list[object] = [given, [given]]
    for one in several:
        assert wrong(texts, one).startswith('it should be a list of texts, like ["Rejected/"')
    assert texts("") == texts([]) == ()
