"""What says whose a photograph is, where it stands, and with what words, by the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec

from pipeline.engine import ListsChanged, Stages
from pipeline.errors import ConfigError
from pipeline.intake import Assigner, accept
from pipeline.intake.chain import Asked
from pipeline.intake.complete import Completeness, FollowedList
from pipeline.intake.described import Describing, described
from pipeline.intake.in_categories import AskCategories, KeptCategories
from pipeline.intake.labelled import Labels
from pipeline.intake.maps import Maps
from pipeline.intake.metadata_rule import metadata_rule
from pipeline.intake.name_pattern import NamePattern
from pipeline.intake.next_view import NextView
from pipeline.intake.path_rules import chain_of
from pipeline.intake.product_names import ProductNames
from pipeline.intake.standings import Standings
from pipeline.intake.views import ViewWords
from pipeline.kept import Kept
from pipeline.labels import Code
from pipeline.ledger import Ledger, LedgerReader
from pipeline.place_settings import Hold, PlaceSettings
from pipeline.settings import Settings
from pipeline.standing import moment_taken
from pipeline.values import Arrival, Original, Photo, Placement, Rule
from pipeline.wanted import Wanted

__all__ = [
    "Shots",
    "assigner_by",
    "describing_for",
    "heeding_lists",
    "maps_for",
    "no_codes",
    "placed",
    "rules_for",
    "shots_for",
    "standings_for",
    "taking_in",
]


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
    """Return where a photograph belongs, with its words and its time.

    Raises:
        ProductUnknown, StoreError: as `Assigner.place` does.
    """
    placement = assigner.place(original)
    one, *beside = (_told(original, each, how) for each in (placement, *placement.beside))
    return replace(one, beside=tuple(beside))


def _told(original: Original, placement: Placement, how: Describing) -> Placement:
    placement = described(original, placement, how)
    if original.captions is None:  # its metadata were not looked into
        return placement
    return replace(placement, taken=moment_taken(original.captions.taken))


def describing_for(settings: PlaceSettings, names: ProductNames) -> Describing:
    """Return how words are found for a photograph."""
    return Describing(
        sources=settings.alt_text_from,
        form=settings.alt_text,
        most=settings.alt_text_length,
        name_of=names.of,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shots:
    """What the shot list has a say in.

    Attributes:
        next_view: which view a shot of what is on the table is.
        lacks: what the product of a photograph lacks; None where nothing is held for that.
        changed: whether the list is another one than when this was asked last.
    """

    next_view: Callable[[Original, int], str | None] = lambda original, product_id: None
    lacks: Callable[[Photo], str] | None = None
    changed: Callable[[], bool] = lambda: False


def shots_for(
    settings: Settings,
    reader: LedgerReader,
    names: ProductNames,
    say: Callable[[str], None],
    store: str,
    in_categories: AskCategories,
) -> Shots:
    """Return what the shot list says, by the settings.

    Args:
        settings: in force.
        reader: of the ledger.
        names: what the shop calls its products.
        say: is told of a shot list that cannot be read any more.
        store: the shop's identity.
        in_categories: asks it which products are in the categories of a list.

    Raises:
        ConfigError: products are to be held and there is no list, or it cannot be read.
    """
    if settings.shot_list is None:
        if settings.hold is Hold.COMPLETE:
            raise ConfigError(
                'hold = "complete" needs a shot list: set shot_list to a table with the columns '
                'sku and views, or hold = "never"'
            )
        return Shots()
    shots = FollowedList(
        settings.shot_list,
        ViewWords(settings.views, settings.view_words),
        say=say,
        in_categories=KeptCategories(settings.home, store, in_categories).of,
    )

    def named(product_id: int) -> str:
        found = names.of(product_id)
        return "" if found is None else found.sku

    next_view = NextView(shots, lambda sku: reader.wanted(Wanted(sku=sku)), reader.skus_of)
    complete = Completeness(shots, reader.of_product, reader.skus_of, named)
    return Shots(
        next_view=next_view.of,
        lacks=complete.lacks if settings.hold is Hold.COMPLETE else None,
        changed=shots.changed,
    )


def heeding_lists(stages: Stages, maps: Maps, shots: Shots) -> Stages:
    """Return the same stages with what lists of people's have a say in."""
    return replace(
        stages,
        lacks=shots.lacks,
        lists_changed=lambda: ListsChanged(maps=maps.changed(), shot_list=shots.changed()),
    )


def no_codes(original: Original) -> Sequence[Code]:
    """Return no code: nobody looks for any."""
    return ()


def taking_in(
    settings: Settings,
    kept: Kept,
    ledger: Ledger,
    codes: Callable[[Original], Sequence[Code]],
    needed: Callable[[str], bool | None],
) -> Callable[[Arrival], Original]:
    """Return what takes arrivals in, and reads labels where the settings say so.

    Args:
        settings: in force.
        kept: keeps copies of shots.
        ledger: knows what came before.
        codes: reads the codes in a photograph.
        needed: whether an original's bytes may be needed, by their SHA-256.

    Raises:
        ConfigError: labels are to be read, and what reads them is not installed.
    """
    taken_in = partial(
        accept,
        most_bytes=settings.limits.most_original_bytes,
        keep=kept.keep,
        standings=standings_for(settings),
    )
    if not settings.labels:
        return taken_in
    if find_spec("zxingcpp") is None:
        raise ConfigError(
            "labels are to be read (the setting labels), and what reads them is not installed: "
            "pip install 'photo-pipeline[barcode]', or set labels = false"
        )
    return Labels(
        settings.home,
        settings.hook_shops,
        lambda original: codes(kept.located(original)),
        ledger.at_path,
        partial(kept.release, needed=needed),
        prefix=settings.label_prefix,
    ).reading(taken_in)


def assigner_by(settings: PlaceSettings, maps: Maps, shots: Shots = Shots()) -> partial[Assigner]:
    """Return what makes the assigner of such settings, once it is told whom it asks."""
    return partial(
        Assigner,
        rules=rules_for(settings, maps),
        plain_ids=settings.plain_ids,
        standings=standings_for(settings),
        next_view=shots.next_view,
    )


def standings_for(settings: PlaceSettings) -> Standings:
    """Return what completes placements by what names say of views."""
    return Standings(settings.views, settings.view_words)
