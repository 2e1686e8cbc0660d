from __future__ import annotations

import pytest

from pipeline.suffixes import RAW, Says, what_suffix_says
from pipeline.values import ImageFormat


@pytest.mark.parametrize(
    ("suffix", "says"),
    [
        (".jpg", Says.PICTURE),
        (".JPEG", Says.PICTURE),
        (".heic", Says.PICTURE),
        (".psd", Says.WORKING),
        (".XCF", Says.WORKING),
        (".CR3", Says.RAW),
        (".dng", Says.RAW),
        (".txt", Says.NO_PICTURE),
        (".MOV", Says.NO_PICTURE),
        (".pdf", Says.NO_PICTURE),
        ("", Says.NOTHING),
        (".5 front", Says.NOTHING),
    ],
)
def test_what_a_suffix_says(suffix: str, says: Says) -> None:
    assert what_suffix_says(suffix) is says


def test_every_format_that_the_shop_takes_is_a_picture_and_no_raw_file_is() -> None:
    assert {what_suffix_says(format_.suffix) for format_ in ImageFormat} == {Says.PICTURE}
    assert {what_suffix_says(suffix) for suffix in RAW} == {Says.RAW}
