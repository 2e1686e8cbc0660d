"""Options that several commands have: each is judged in one place, for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.cli.main import commands
from pipeline.cli.options import (
    loaded,
    print_json_array,
    print_json_with,
    product_options,
    say_aside,
    setting_options,
)
from pipeline.cli.terminal import say_json
from pipeline.errors import ConfigError, StoreUnavailable
from pipeline.report.schemas import Document, versioned


@pytest.mark.parametrize(
    "words",
    [["run", "."], ["hook", "a.jpg"], ["ledger", "rebuild", "."]],
    ids=["run", "hook", "ledger rebuild"],
)
def test_a_product_is_given_by_its_id_or_by_its_sku(words: list[str]) -> None:
    called = CliRunner().invoke(commands, [*words, "--product", "158", "--sku", "SM-13"])
    assert called.exit_code == 2
    assert "give --product or --sku, not both" in called.output


def test_the_product_that_was_given_reaches_the_command() -> None:
    @click.command()
    @product_options
    def told(product: int | None, sku: str | None) -> None:
        """Say what was given."""
        click.echo(f"{product} {sku}")

    assert told.help == "Say what was given."
    assert CliRunner().invoke(told, ["--product", "158"]).output == "158 None\n"
    assert CliRunner().invoke(told, ["--sku", "SM-13"]).output == "None SM-13\n"
    assert CliRunner().invoke(told, ["--product", "0"]).exit_code == 2


def test_an_option_counts_before_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "pipeline.toml").write_text("uploads = 3\nlongest_side = 1600\n")
    settings = loaded({"home": tmp_path, "uploads": 2, "workers": None}).settings
    assert (settings.uploads, settings.longest_side) == (2, 1600)
    other = tmp_path / "other.toml"
    other.write_text("uploads = 5\n")
    assert loaded({"home": tmp_path, "config": other}).settings.uploads == 5


def test_a_setting_as_an_option_is_judged_by_the_settings(tmp_path: Path) -> None:
    @click.command()
    @setting_options
    def called(**flags: object) -> None:
        loaded({**flags, "home": tmp_path})

    result = CliRunner().invoke(called, ["--uploads", "0"])
    assert isinstance(result.exception, ConfigError)
    assert "uploads" in str(result.exception)


def test_what_is_said_beside_the_result_does_nothing_to_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_aside("a\x1b[2Jb")
    assert capsys.readouterr() == ("", "a\\x1b[2Jb\n")


@pytest.mark.parametrize("number", range(4))
def test_an_array_that_is_written_as_it_comes_is_the_one_that_is_written_at_once(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [{"a": one, "b": {"c": ["\n  ,é\x1b"]}, "d": []} for one in range(number)]
    print_json_array(Document.LIST, iter(documents))
    written = capsys.readouterr().out
    whole = [versioned(Document.LIST, one) for one in documents]
    assert json.loads(written) == whole
    say_json(json.dumps(whole, indent=2, ensure_ascii=False))
    assert capsys.readouterr().out == written


def test_no_more_documents_are_held_than_one(capsys: pytest.CaptureFixture[str]) -> None:
    def documents() -> Iterator[Mapping[str, int]]:
        for number in range(100):
            yield {"number": number}
            written = capsys.readouterr().out
            assert f'"number": {number - 1}\n' in written if number else written == "[\n"
            assert f'"number": {number}\n' not in written

    print_json_array(Document.LIST, documents())
    assert capsys.readouterr().out.endswith('"number": 99\n  }\n]\n')


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_document_that_ends_with_an_array_is_printed_as_one_and_read_as_it_comes(
    capsys: pytest.CaptureFixture[str], number: int
) -> None:
    many = [{"path": f"{one}\n.jpg", "work": ["a", "b"]} for one in range(number)]
    head = {"store": "é", "counts": {"found": number}, "met": []}
    print_json_with(Document.RUN, head, "photographs", iter(many))
    whole = versioned(Document.RUN, {**head, "photographs": many})
    assert capsys.readouterr().out == json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def test_an_array_that_breaks_off_is_whole_json_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def breaking(number: int) -> Iterator[dict[str, int]]:
        yield from ({"a": one} for one in range(number))
        raise StoreUnavailable("the shop is away")

    for number in (0, 2):
        with pytest.raises(click.exceptions.Exit) as ended:
            print_json_with(Document.RUN, {}, "photographs", breaking(number))
        assert ended.value.exit_code == 2
        told = capsys.readouterr()
        assert len(json.loads(told.out)["photographs"]) == number
        assert told.err == "pipeline: the shop is away\n"
    with pytest.raises(click.exceptions.Exit):
        print_json_array(Document.VERIFY, breaking(2))
    assert len(json.loads(capsys.readouterr().out)) == 2
    # In place of nothing at all there is another document.
    with pytest.raises(StoreUnavailable):
        print_json_array(Document.VERIFY, breaking(0))
    assert capsys.readouterr().out == ""
