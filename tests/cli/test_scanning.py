"""A bar code scanner types codes, and each says what is on the table."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.hook.inbox import current_product
from tests.servers import local_store
from tests.stories.commands import Command

CATALOGUE = "1,MUG-1,Blue mug,\n2,MUG-2,Red mug,\n9,MUG-2-L,Large,2\n3,,Nameless,\n"


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Command]:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield Command(tmp_path / "home", store)


def scan(pipeline: Command, typed: str) -> tuple[int, list[str], str]:
    end = subprocess.run(
        [sys.executable, "-m", "pipeline", "table", "--scan"],
        input=typed,
        capture_output=True,
        text=True,
        env=pipeline.environment,
        check=False,
    )
    return end.returncode, end.stdout.splitlines(), end.stderr


def on_the_table(pipeline: Command) -> dict[str, str]:
    return current_product(os.fspath(pipeline.home))


def test_each_code_is_put_on_the_table_and_said_with_its_name(pipeline: Command) -> None:
    status, said, err = scan(pipeline, "MUG-1\r\n\x02mug-2-l\x03\n\n")
    assert (status, err) == (0, "")
    assert said == ["On the table: MUG-1 (Blue mug)", "On the table: mug-2-l (Red mug)"]
    assert on_the_table(pipeline) == {"sku": "mug-2-l"}


def test_of_a_code_that_the_shop_does_not_have_nothing_is_on_the_table(pipeline: Command) -> None:
    status, said, _ = scan(pipeline, "MUG-1\nMUG-9\n")
    assert status == 1
    assert said[1] == "NOTHING is on the table: the shop has no product with the SKU MUG-9"
    assert on_the_table(pipeline) == {}


def test_what_no_sku_can_be_is_none_and_the_scanner_goes_on(pipeline: Command) -> None:
    status, said, _ = scan(pipeline, f"{'1' * 300}\nA,B\nMUG-1\n")
    assert status == 1
    assert [line.partition(" ")[0] for line in said] == ["NOTHING", "NOTHING", "On"]
    assert on_the_table(pipeline) == {"sku": "MUG-1"}


def test_a_shop_that_cannot_be_asked_keeps_nobody_from_shooting(pipeline: Command) -> None:
    pipeline.environment["PIPELINE_STORE_URL"] = "http://127.0.0.1:9/stores/none/v3"
    pipeline.environment["PIPELINE_PATIENCE"] = "1"
    status, said, err = scan(pipeline, "MUG-1\n")
    assert said == ["On the table: MUG-1"], err
    assert status == 0
    assert "the shop could not be asked for MUG-1" in err


def test_a_scanner_and_a_sku_are_not_given_together(pipeline: Command) -> None:
    end = pipeline("table", "--scan", "MUG-1")
    assert end.status == 2
    assert "give a SKU, or --product, or --clear, or --scan" in end.err
