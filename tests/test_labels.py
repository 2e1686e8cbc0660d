"""Which code in a photograph is a label's, and which is a product's own."""

from __future__ import annotations

import pytest

from pipeline.labels import LEAST_SHARE, RETAIL_SHARE, Code, label_in


def own(text: str, share: float = LEAST_SHARE) -> Code:
    return Code(text=text, retail=False, share=share)


def retail(text: str, share: float = RETAIL_SHARE) -> Code:
    return Code(text=text, retail=True, share=share)


@pytest.mark.parametrize(
    ("codes", "label"),
    [
        ([], None),
        ([own(" SM-13 ")], "SM-13"),
        ([own("SM-13", LEAST_SHARE - 0.01)], None),
        ([retail("4006381333931")], "4006381333931"),
        # on a picture of its packaging
        ([retail("4006381333931", 0.3)], None),
        ([own("SM-13"), retail("4006381333931", 0.1)], "SM-13"),
        # the same for people's phones and for the scanner
        ([own("SM-13"), own("SM-13", 0.5)], "SM-13"),
        ([own("SM-13"), own("SM-14")], None),
        ([own("https://shop.example/mug")], None),
        ([own("www.shop.example")], None),
        ([own("SM-13\nSM-14")], None),
    ],
)
def test_only_a_large_code_is_a_labels(codes: list[Code], label: str | None) -> None:
    assert label_in(codes) == label


@pytest.mark.parametrize(
    ("codes", "label"),
    [
        ([own("SKU:SM-13", 0.01)], "SM-13"),
        ([own("SM-13", 0.9)], None),
        ([own("SKU:SM-13", 0.1), retail("4006381333931", 0.9)], "SM-13"),
        ([own("SKU:", 0.5)], None),
    ],
)
def test_with_a_prefix_that_alone_tells_a_label(codes: list[Code], label: str | None) -> None:
    assert label_in(codes, "SKU:") == label
