"""The settings of places are settings as all others: judged, with an example, by every source."""

from __future__ import annotations

import pytest

from pipeline.alt_text import WordsFrom
from pipeline.captions import ProductField
from pipeline.errors import ConfigError
from pipeline.place_settings import PlaceSettings
from pipeline.settings import SETTINGS, load


def test_they_come_behind_all_others_and_each_has_a_sentence() -> None:
    names = list(PlaceSettings.__dataclass_fields__)
    assert list(SETTINGS)[-len(names) :] == names
    assert all(SETTINGS[name].description for name in names)


def test_they_are_read_from_the_environment() -> None:
    found = load(
        {},
        {
            "PIPELINE_HOME": "/tmp/none",
            "PIPELINE_PRODUCT_FIELD": "keywords,title",
            "PIPELINE_ALT_TEXT_FROM": "caption",
            "PIPELINE_ALT_TEXT": "{product_name}, {view}",
            "PIPELINE_MAPS": "*.csv",
        },
    ).settings
    assert found.product_field == (ProductField.KEYWORDS, ProductField.TITLE)
    assert found.alt_text_from == (WordsFrom.CAPTION,)
    assert (found.alt_text, found.maps) == ("{product_name}, {view}", ("*.csv",))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALT_TEXT", "{colour}", "there is no {colour}, but {product_name}, {sku}, {view}"),
        ("ALT_TEXT", "{sku", "in braces there may be {product_name}, {sku}, {view}"),
        ("PRODUCT_FIELD", "subject", "some of title, headline, keywords, description"),
        ("ALT_TEXT_LENGTH", "5", "20"),
    ],
)
def test_a_wrong_one_is_told_with_what_would_be_right(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load({}, {"PIPELINE_HOME": "/tmp/none", f"PIPELINE_{name}": value})
    assert said in str(error.value)
