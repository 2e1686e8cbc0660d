"""A CSV comes as Excel, Numbers and shops write it: every encoding, separator and row is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.maps.entries import BadRow, Cells
from pipeline.intake.maps.table import encoding_of, header_of, opened, rows_of
from tests.intake.maps.mapped import about, complaints, map_of, only, text_of

TEXT = "Datei;SKU;ALT\r\nTasse-grün.jpg;SM-13;Tasse „grün“ für 5 €\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_encoding_that_excel_writes_is_read(tmp_path: Path, encoding: str) -> None:
    found = map_of(tmp_path, TEXT, encoding=encoding)
    entry = only(found, "Tasse-grün.jpg")
    assert (entry.names, entry.alt) == (("SM-13",), "Tasse „grün“ für 5 €")


def test_utf_16_with_either_mark_is_read(tmp_path: Path) -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        path = tmp_path / "map.csv"
        path.write_bytes(mark + TEXT.encode(encoding))
        assert encoding_of(path) == "utf-16"
        with opened(path) as file:
            assert next(header_of(file, ";")).names == ("datei", "sku", "alt")


def test_a_letter_that_is_cut_by_the_first_look_does_not_make_it_another_encoding(
    tmp_path: Path,
) -> None:
    path = tmp_path / "map.csv"
    for before in range(4094, 4098):
        path.write_bytes(b"a" * before + "grün".encode())
        assert encoding_of(path) == "utf-8"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found_by_the_header(tmp_path: Path, separator: str) -> None:
    text = text_of([("file", "sku", "alt"), ("a.jpg", "SM-13", "a, b; c")], separator=separator)
    assert only(map_of(tmp_path, text), "a.jpg").alt == "a, b; c"


def test_a_first_line_names_the_separator_and_is_not_counted(tmp_path: Path) -> None:
    found = map_of(tmp_path, "sep=;\r\nfile;sku\r\na.jpg;SM-13\r\nb.jpg;\r\n")
    assert only(found, "a.jpg").row == 2
    assert complaints(found) == ["row 3, column “sku”: no product is named"]


def test_a_text_of_several_lines_is_one_row_and_empty_rows_are_counted(tmp_path: Path) -> None:
    text = 'file,sku,alt\n"a.jpg",SM-13,"a mug,\nred"\n\n,,\nb.jpg,SM-14,\n'
    found = map_of(tmp_path, text)
    assert only(found, "a.jpg").alt == "a mug,\nred"
    assert only(found, "b.jpg").row == 5


def test_headings_in_quotation_marks_and_of_several_lines_are_read(tmp_path: Path) -> None:
    found = map_of(tmp_path, '"File\nname";"Product Code/SKU"\r\n"a.jpg";"SM-13"\r\n')
    assert only(found, "a.jpg").names == ("SM-13",)


def test_a_row_with_more_cells_than_the_header_costs_only_itself(tmp_path: Path) -> None:
    found = map_of(tmp_path, "file,sku,alt\na.jpg,SM-1,a mug, red\nb.jpg,SM-2,a mug,,\n")
    assert about(found, "a.jpg") == ()
    assert only(found, "b.jpg").names == ("SM-2",)
    (said,) = complaints(found)
    assert said.startswith("row 2: it has 4 cells, and the header 3")


def test_quotation_marks_that_do_not_fit_cost_their_row(tmp_path: Path) -> None:
    found = map_of(tmp_path, 'file,sku,alt\na.jpg,SM-1,"5" mug"\nb.jpg,SM-2,\n')
    assert only(found, "b.jpg").names == ("SM-2",)
    assert complaints(found) == ["row 2: its quotation marks do not belong together"]


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_row(tmp_path: Path) -> None:
    found = map_of(tmp_path, 'file,sku,alt\na.jpg,SM-1,\nb.jpg,SM-2,"red\nc.jpg,SM-3,\n')
    assert only(found, "a.jpg").names == ("SM-1",)
    (said,) = complaints(found)
    assert said.startswith("row 3: a quotation mark is opened in it and never closed")


def test_what_no_code_page_has_does_not_end_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_bytes(b"file,sku\n\x81\x8d\xff.jpg,SM-1\na.jpg,SM-2\n")
    with opened(path) as file:
        header = next(header_of(file))
        rows = [row for row in rows_of(file, header) if isinstance(row, Cells)]
    assert [row.named["sku"] for row in rows] == ["SM-1", "SM-2"]


PLAIN = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters='\n\t",;|'), max_size=30
).filter(lambda text: "\0" not in text)


@given(
    alts=st.lists(PLAIN, min_size=1, max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    named=st.booleans(),
)
def test_what_a_spreadsheet_writes_is_read_as_it_was_whatever_it_says(
    tmp_path_factory: pytest.TempPathFactory,
    alts: list[str],
    separator: str,
    encoding: str,
    named: bool,
) -> None:
    rows = [("file", "sku", "alt"), *((f"{n}.jpg", f"S-{n}", alt) for n, alt in enumerate(alts))]
    text = text_of(rows, separator=separator)
    if named:
        text = f"sep={separator}\r\n{text}"
    found = map_of(tmp_path_factory.getbasetemp(), text, encoding=encoding)
    assert found.bad == ()
    for number, alt in enumerate(alts):
        entry = only(found, f"{number}.jpg")
        assert (entry.row, entry.names) == (number + 2, (f"S-{number}",))
        assert entry.alt == alt.strip().replace("\r\n", "\n")


@given(st.binary(max_size=400))
def test_no_bytes_end_in_anything_but_rows_and_complaints(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    with opened(path) as file:
        for header in header_of(file):
            for row in rows_of(file, header):
                assert isinstance(row, Cells | BadRow)
