"""By the settings it is put together what says whose a photograph is."""

from __future__ import annotations

from pathlib import Path

from pipeline.captions import ProductField
from pipeline.intake.maps import Maps
from pipeline.intake.product_names import ProductNames
from pipeline.placing import describing_for, maps_for, rules_for
from pipeline.settings import Settings
from pipeline.values import Rule


def rules(settings: Settings) -> list[Rule]:
    return [one.rule for one in rules_for(settings, maps_for(settings, lambda sentence: None))]


def test_a_map_and_metadata_are_asked_only_where_there_may_be_some(tmp_path: Path) -> None:
    assert rules(Settings(home=tmp_path)) == [Rule.NAME, Rule.FOLDER]
    everything = Settings(home=tmp_path, maps=("*.csv",), product_field=(ProductField.TITLE,))
    assert rules(everything) == [Rule.MAP, Rule.METADATA, Rule.NAME, Rule.FOLDER]


def test_words_are_found_as_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, alt_text="{sku}", alt_text_length=100)
    how = describing_for(settings, ProductNames(lambda ids: {}))
    assert (how.form, how.most, how.sources) == ("{sku}", 100, settings.alt_text_from)
    assert not Maps().any
