"""What says whose a photograph is, where it stands, and with what words, by the settings."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.intake import Assigner
from pipeline.intake.chain import Asked
from pipeline.intake.described import Describing, described
from pipeline.intake.maps import Maps
from pipeline.intake.metadata_rule import metadata_rule
from pipeline.intake.name_pattern import NamePattern
from pipeline.intake.path_rules import chain_of
from pipeline.intake.product_names import ProductNames
from pipeline.intake.standings import Standings
from pipeline.place_settings import PlaceSettings
from pipeline.settings import Settings
from pipeline.values import Original, Placement, Rule

__all__ = ["describing_for", "maps_for", "placed", "rules_for", "standings_for"]


def maps_for(settings: Settings, say: Callable[[str], None]) -> Maps:
    """Return the CSV maps that say whose photographs are: the call's, and those in folders.

    Args:
        settings: in force.
        say: is told what is wrong in a map.

    Raises:
        ConfigError: a map that the call names cannot be used.
    """
    return Maps(settings.map_files, settings.maps, say=say)


def rules_for(settings: PlaceSettings, maps: Maps) -> tuple[Asked, ...]:
    """Return the rules that say whose a photograph is, as they are asked."""
    more: dict[Rule, Asked] = {}
    if maps.any:
        more[Rule.MAP] = Asked(rule=Rule.MAP, says=maps.says, version=maps.version)
    if settings.product_field:
        more[Rule.METADATA] = metadata_rule(settings.product_field, plain_ids=settings.plain_ids)
    pattern = None if settings.name_pattern is None else NamePattern(settings.name_pattern)
    return chain_of(settings.rules, plain_ids=settings.plain_ids, pattern=pattern, more=more)


def placed(assigner: Assigner, how: Describing, original: Original) -> Placement:
    """Return where a photograph belongs, with its words.

    Raises:
        ProductUnknown, StoreError: as `Assigner.place` does.
    """
    return described(original, assigner.place(original), how)


def describing_for(settings: PlaceSettings, names: ProductNames) -> Describing:
    """Return how words are found for a photograph."""
    return Describing(
        sources=settings.alt_text_from,
        form=settings.alt_text,
        most=settings.alt_text_length,
        name_of=names.of,
    )


def standings_for(settings: PlaceSettings) -> Standings:
    """Return what completes placements by what names say of views."""
    return Standings(settings.views, settings.view_words)
