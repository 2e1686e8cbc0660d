"""Rows for a spreadsheet, as its readers expect them."""

from __future__ import annotations

import pytest

from pipeline.cli.csv_rows import print_csv


def test_a_table_begins_with_its_mark_and_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv(("sku", "name"), iter([("SM-13", 'a "mug", blue'), ("SM-14", "")]))
    out = capsys.readouterr().out
    assert out.removeprefix("\ufeff").splitlines() == [
        "sku,name",
        'SM-13,"a ""mug"", blue"',
        "SM-14,",
    ]
