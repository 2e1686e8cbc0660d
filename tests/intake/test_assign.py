"""Whose photograph it is: the Assigner's questions to a real store's catalogue."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ProductUnknown, StoreUnavailable
from pipeline.intake import Assigner
from pipeline.intake.chain import Asked, Said
from pipeline.intake.path_rules import chain_of
from pipeline.intake.whose_name import NothingKept
from pipeline.lifecycle import Reason
from pipeline.placement import CUSTOMARY_RULES, Placement, Rule
from pipeline.values import Original
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.makers import original
from tests.servers import client_of, local_store

CATALOGUE = """\
158,SM-13,Mug,
159,SM-13-RED,Red mug,
160,TWICE,One,
161,TWICE,Other,
162,900,A SKU that is another's id,
900,NINE,The product of that id,
163,0158,Leading zero,
164,MUGB0042,Like a camera's name,
165,caf\u00e9-1,Composed,
166,"a,b",With a comma,
7,SM-14-BLUE,Blue,158
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("shop"), catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("open")) as store:
        yield store


def assigner_of(store: StoreProcess, *, plain_ids: bool = False) -> Assigner:
    client = client_of(store)
    return Assigner(client.products_by_sku, client.known_products, plain_ids=plain_ids)


def shot(path: str, *, root: str = "/shop", **said: Any) -> Original:
    place = Path(root) / path
    made = original(place, path.encode("utf-8", "replace"), **said)
    return Original(sha256=made.sha256, size=made.size, path=place, root=Path(root), sku=made.sku)


def placed(store: StoreProcess, path: str, *, plain_ids: bool = False, **said: Any) -> Placement:
    return assigner_of(store, plain_ids=plain_ids).place(shot(path, **said))


def unplaced(store: StoreProcess, path: str, **said: Any) -> tuple[Reason, str]:
    with pytest.raises(ProductUnknown) as unknown:
        placed(store, path, **said)
    return unknown.value.reason, str(unknown.value)


@pytest.mark.parametrize(
    ("path", "product", "order", "rule"),
    [
        ("id-158_1.jpg", 158, 1, "its file name begins with id-158"),
        ("id 158.jpg", 158, None, "its file name begins with id 158"),
        ("product-158 (3).jpg", 158, 3, "its file name begins with product-158"),
        ("product-158/158_4.jpg", 158, 4, "its folder is named product-158"),
        ("900_1.jpg", 162, 1, "its file name begins with 900"),
        ("900/1.jpg", 162, None, "its folder is named 900"),
        ("2026/SM-13-front.jpg", 158, None, "its file name begins with SM-13"),
        ("SM-13/1.jpg", 158, None, "its folder is named SM-13"),
        ("SM-13-front.jpg", 158, None, "its file name begins with SM-13"),
        ("SM-13 (2).jpg", 158, 2, "its file name begins with SM-13"),
        ("sm-13 (2).jpg", 158, 2, "its file name begins with sm-13"),
        ("SM-13-RED-2.jpg", 159, 2, "its file name begins with SM-13-RED"),
        ("SM-14-BLUE-3.jpg", 158, 3, "its file name begins with SM-14-BLUE"),
        ("MUGB0042.jpg", 164, None, "its file name begins with MUGB0042"),
        ("cafe\u0301-1_2.jpg", 165, 2, "its file name begins with caf\u00e9-1"),
        ("0158_2.jpg", 163, 2, "its file name begins with 0158"),
        ("id 158/IMG_1234.jpg", 158, None, "its folder is named id 158"),
        ("SM-13/front.jpg", 158, None, "its folder is named SM-13"),
        ("SM-13/100CANON/IMG_1234.jpg", 158, None, "its folder is named SM-13"),
        ("id-158/SM-13-RED/a.jpg", 159, None, "its folder is named SM-13-RED"),
        ("SM-13/159_1.jpg", 158, None, "its folder is named SM-13"),
        ("autumn/SM-13/raw/front.jpg", 158, None, "its folder is named SM-13"),
    ],
)
def test_a_photograph_goes_to_the_product_that_its_names_say(
    shop: StoreProcess, path: str, product: int, order: int | None, rule: str
) -> None:
    found = placed(shop, path)
    assert (found.product_id, found.order, found.rule) == (product, order, rule)


def test_the_folder_that_was_named_counts_and_what_lies_above_it_does_not(
    shop: StoreProcess,
) -> None:
    assert placed(shop, "front.jpg", root="/studio/id-158").product_id == 158
    reason, _ = unplaced(shop, "below/front.jpg", root="/id-158/today")
    assert reason is Reason.PRODUCT_UNKNOWN


@pytest.mark.parametrize(
    "path",
    [
        "front.jpg",
        "IMG_1234.jpg",
        "SM-1.jpg",
        "1580_1.jpg",
        "xSM-13.jpg",
        "SM-133.jpg",
        "158_1.jpg",
        "158/a.jpg",
        "SM-31/1.jpg",
        "id-157_1.jpg",
    ],
)
def test_one_whose_product_nobody_knows_waits_with_what_would_mend_it(
    shop: StoreProcess, path: str
) -> None:
    reason, sentence = unplaced(shop, path)
    assert reason is Reason.PRODUCT_UNKNOWN
    assert "--product" in sentence


@pytest.mark.parametrize("path", ["TWICE-1.jpg", "TWICE/front.jpg"])
def test_a_sku_of_two_products_is_as_undecided_as_none(shop: StoreProcess, path: str) -> None:
    reason, sentence = unplaced(shop, path)
    assert reason is Reason.PRODUCT_AMBIGUOUS
    assert "160, 161" in sentence


def test_a_number_that_is_one_products_id_and_anothers_sku_is_undecided(
    shop: StoreProcess,
) -> None:
    reason, sentence = unplaced(shop, "900_1.jpg", plain_ids=True)
    assert reason is Reason.PRODUCT_AMBIGUOUS
    assert "162, 900" in sentence


def test_a_sku_that_was_given_is_a_sku_and_no_id(shop: StoreProcess) -> None:
    assert placed(shop, "158/159_1.jpg", sku="900").product_id == 162
    assert placed(shop, "SM-13 (2).jpg", sku="SM-13") == Placement(
        product_id=158, order=2, rule="the SKU SM-13 was given"
    )


@pytest.mark.parametrize("sku", ["NONE", "158", "a,b", "SM-13,NONE", "", "x" * 300, "a\nb"])
def test_a_sku_that_was_given_and_that_nobody_has_waits_whatever_the_names_say(
    shop: StoreProcess, sku: str
) -> None:
    reason, sentence = unplaced(shop, "158/158_1.jpg", sku=sku)
    assert reason is Reason.PRODUCT_UNKNOWN
    assert "no product with the SKU" in sentence
    assert unplaced(shop, "a.jpg", sku="TWICE")[0] is Reason.PRODUCT_AMBIGUOUS


def test_several_skus_and_a_name_with_commas_are_of_several_products(shop: StoreProcess) -> None:
    for path, sku in (("a.jpg", "SM-13,SM-13-RED"), ("SM-13, SM-13-RED_2.jpg", None)):
        one = placed(shop, path, sku=sku)
        assert (one.product_id, one.also) == (158, (159,))
        assert [beside.product_id for beside in one.beside] == [159]
    assert one.rule == "its file name begins with SM-13 and SM-13-RED"
    assert placed(shop, "SM-13,NONE.jpg").also == ()


@pytest.mark.parametrize(
    ("path", "product"),
    [
        ("product-158/front.jpg", 158),
        ("id-158_1.jpg", 158),
        ("ID 214_1-front.jpg", 214),
        ("product-158/158_1.jpg", 158),
    ],
)
def test_in_an_open_catalogue_an_id_is_the_product_of_that_id(
    open_shop: StoreProcess, path: str, product: int
) -> None:
    assert placed(open_shop, path).product_id == product


@pytest.mark.parametrize("path", ["158/front.jpg", "158_1.jpg", "2026-11-27/20261127_101500.jpg"])
def test_in_an_open_catalogue_a_bare_number_is_nobodys(open_shop: StoreProcess, path: str) -> None:
    assert unplaced(open_shop, path)[0] is Reason.PRODUCT_UNKNOWN


@pytest.mark.parametrize(
    ("path", "product"),
    [("158/front.jpg", 158), ("158_1.jpg", 158), ("214_1-front.jpg", 214), ("158/3.jpg", 158)],
)
def test_with_plain_ids_a_bare_number_is_an_id(
    open_shop: StoreProcess, path: str, product: int
) -> None:
    assert placed(open_shop, path, plain_ids=True).product_id == product


@pytest.mark.parametrize(
    ("path", "plain_ids", "doubt"),
    [
        ("SM-13/SM-14-BLUE-1.jpg", False, None),
        ("SM-13/SM-13-RED-2.jpg", False, "its folder says SM-13, its name says SM-13-RED"),
        ("SM-13/id-159_1.jpg", False, "its folder says SM-13, its name says id-159"),
        ("id-159/SM-13.jpg", False, "its folder says id-159, its name says SM-13"),
        # A bare number never outweighs a SKU.
        ("SM-13/900_1.jpg", False, None),
        ("900/SM-13_1.jpg", False, None),
        ("SM-13/159_1.jpg", True, None),
        ("900/0158_1.jpg", False, "its folder says 900, its name says 0158"),
        ("158/158_2.jpg", True, None),
        ("158/159.jpg", True, None),
    ],
)
def test_a_folder_and_a_name_that_say_different_products_make_a_doubt_that_names_both(
    shop: StoreProcess, path: str, plain_ids: bool, doubt: str | None
) -> None:
    if doubt is None:
        assert placed(shop, path, plain_ids=plain_ids).product_id == 158
        return
    reason, sentence = unplaced(shop, path, plain_ids=plain_ids)
    assert reason is Reason.PRODUCT_AMBIGUOUS
    assert sentence.startswith(f"{doubt}: move or rename it, or give --product")


def test_the_rule_that_answered_is_kept_and_what_the_others_said(shop: StoreProcess) -> None:
    def why(path: str, **said: Any) -> tuple[Rule | None, tuple[str, ...]]:
        placement = placed(shop, path, **said)
        return placement.by, placement.others

    assert why("SM-13-front.jpg") == (Rule.NAME, ())
    assert why("SM-13/front.jpg") == (Rule.FOLDER, ())
    assert why("SM-13/SM-13_2.jpg") == (Rule.NAME, ("its folder says SM-13",))
    assert why("SM-13/900_1.jpg") == (Rule.FOLDER, ("its name says 900",))
    assert why("SM-13/SM-13_2.jpg", sku="NINE")[0] is Rule.GIVEN


def test_a_sku_of_two_products_is_one_where_another_rule_says_which(shop: StoreProcess) -> None:
    assert placed(shop, "id-161/TWICE-1.jpg").product_id == 161


def by_map(rows: dict[str, Said]) -> Asked:
    return Asked(rule=Rule.MAP, says=lambda original: rows.get(original.path.name))


def row(*names: str, **facts: Any) -> Said:
    return Said(rule=Rule.MAP, names=names, source="row 2 of shots.csv", **facts)


def with_map(store: StoreProcess, rows: dict[str, Said], *order: Rule) -> Assigner:
    client = client_of(store)
    rules = chain_of(order or CUSTOMARY_RULES, more={Rule.MAP: by_map(rows)})
    return Assigner(client.products_by_sku, client.known_products, rules=rules)


def test_what_is_written_down_in_a_map_is_asked_first_and_tells_of_the_picture_too(
    shop: StoreProcess,
) -> None:
    said = row("NINE", view="back", order=7, description="A mug", is_main=True)
    placement = with_map(shop, {"x_1.jpg": said}).place(shot("x_1.jpg"))
    assert placement == Placement(
        product_id=900, rule="row 2 of shots.csv says NINE", order=7, thumbnail=True,
        description="A mug", view="back",
    )  # fmt: skip
    assert placement.by is Rule.MAP
    number = with_map(shop, {"x.jpg": row("900")}).place(shot("autumn/x.jpg"))
    assert number.product_id == 162, "who writes a number down means it"


def test_a_map_and_a_name_that_say_different_products_are_a_doubt(shop: StoreProcess) -> None:
    assigner = with_map(shop, {"SM-13.jpg": row("NINE")})
    with pytest.raises(
        ProductUnknown, match=r"its name says SM-13, row 2 of shots\.csv says NINE:"
    ):
        assigner.place(shot("SM-13.jpg"))


def test_a_map_that_names_what_the_shop_has_not_is_not_passed_over(shop: StoreProcess) -> None:
    assigner = with_map(shop, {"SM-13.jpg": row("SM-31")})
    with pytest.raises(
        ProductUnknown, match=r"row 2 of shots\.csv says SM-31, and the shop has no"
    ):
        assigner.place(shot("SM-13.jpg"))


def test_a_row_that_names_no_product_describes_the_picture_all_the_same(
    shop: StoreProcess,
) -> None:
    assigner = with_map(shop, {"SM-13_4.jpg": row(description="Its handle")})
    placement = assigner.place(shot("SM-13_4.jpg"))
    assert (placement.by, placement.order) == (Rule.NAME, 4)
    assert placement.description == "Its handle"
    told = Placement(product_id=900, rule="the product was given", by=Rule.GIVEN)
    given = assigner.place(replace(shot("SM-13_4.jpg"), placement=told))
    assert (given.product_id, given.rule, given.description) == (900, told.rule, "Its handle")


def test_the_order_in_which_rules_are_asked_is_a_setting_and_none_is_asked_that_is_left_out(
    shop: StoreProcess,
) -> None:
    both = shot("SM-13/SM-13_2.jpg")
    assert with_map(shop, {}, Rule.FOLDER, Rule.NAME).place(both).by is Rule.FOLDER
    only_folders = with_map(shop, {}, Rule.FOLDER)
    assert only_folders.place(shot("SM-13/SM-13-RED-2.jpg")).product_id == 158
    with pytest.raises(ProductUnknown, match="nobody knows its product"):
        only_folders.place(shot("SM-13-2.jpg"))


def test_a_mistyped_sku_waits_and_the_one_that_is_kept_is_suggested(shop: StoreProcess) -> None:
    kept = {"SM-13": frozenset({158}), "MUG-77": frozenset({7})}
    known = NothingKept(lambda names: {one: kept[one] for one in names if one in kept})
    client = client_of(shop)
    assigner = Assigner(client.products_by_sku, client.known_products, kept=known)
    for path, meant in (
        ("SM-31-front.jpg", "no SKU SM-31; did you mean SM-13?"),
        ("MUG-7/front.jpg", "no SKU MUG-7; did you mean MUG-77?"),
    ):
        with pytest.raises(ProductUnknown) as unknown:
            assigner.place(shot(path))
        assert f"nobody knows its product: the shop has {meant}" in str(unknown.value)
    with pytest.raises(ProductUnknown, match=r"the SKU SM-31 \(did you mean SM-13\?\)"):
        assigner.place(shot("x.jpg", sku="SM-31"))


def test_what_is_kept_tells_what_names_would_have_said_and_the_shop_is_not_asked_for_it() -> None:
    class Remembers:
        def products(self, names: Sequence[str]) -> dict[str, frozenset[int]]:
            raise AssertionError("what was given is not held against what is kept")

        def heard(self, answers: object) -> bool:
            raise AssertionError("nobody asked the shop")

        def known(self, names: Sequence[str]) -> dict[str, frozenset[int]]:
            return {name: frozenset({20}) for name in names if name == "SM-20"}

    asked: list[str] = []

    def by_sku(skus: Collection[str]) -> dict[str, frozenset[int]]:
        asked.extend(skus)
        return {sku: frozenset({158}) for sku in skus}

    assigner = Assigner(by_sku, lambda ids: (), kept=Remembers())
    given = assigner.place(shot("SM-20/SM-21-front.jpg", sku="GIVEN-1"))
    assert (given.product_id, given.others) == (158, ("its folder says SM-20",))
    assert given.why == "the SKU GIVEN-1 was given; its folder says SM-20"
    assert asked == ["GIVEN-1"]


@pytest.mark.parametrize("seed", range(5))
def test_no_date_measure_or_count_is_a_product_though_the_catalogue_knows_every_number(
    seed: int,
) -> None:
    print("seed", seed)
    dice = random.Random(seed)

    def by_sku(names: Collection[str]) -> dict[str, frozenset[int]]:
        return {name: frozenset({int(name)}) for name in names if name.isdecimal()}

    assigner = Assigner(by_sku, lambda ids: ids)
    for _ in range(300):
        path = any_dated_or_counted(dice)
        with pytest.raises(ProductUnknown):
            print(path, assigner.place(shot(path)))


def any_dated_or_counted(dice: random.Random) -> str:
    """Return a path of which no number is a product's."""
    day = datetime(2000, 1, 1) + timedelta(seconds=dice.randrange(40 * 365 * 86_400))
    small, number = dice.randrange(1, 100), dice.randrange(1, 2_000)
    unit = dice.choice(["mm", "cm", "m", "ml", "l", "g", "kg", "inch", "W", "px"])
    unit = unit.lower() if dice.random() < 0.8 else unit
    things = dice.choice(["mugs", "sheets", "pieces", "pcs", "pack", "pairs"])
    between = dice.choice(["-", "_", ".", " "])
    folder = dice.choice(
        ["", f"{day:%Y/%m/%d/}", f"{day:%Y/%m/}", f"{day:%Y}/", f"{day:%Y-%m-%d}/"]
    )
    stem = dice.choice(
        [
            f"{day:%Y{between}%m{between}%d}",
            f"{day:%d{between}%m{between}%Y} {small}",
            f"{day:%Y%m%d_%H%M%S}",
            f"{day:%y%m%d}-front",
            f"{day:%Y-%m-%d %H.%M.%S}",
            f"{day:%Y} summer",
            f"{number}x{small}{unit}-frame",
            f"{number} x {small} {unit}",
            f"{number}.5x{small}cm",
            f"{number}{unit} bottle",
            f"{number} cm",
            f"{number} {things}",
            f"{number}-{things}-{small}",
            f"{small}{between}front",
            f"{small:04}",
            f"IMG_{number:04}",
            f"DSC0{number:04}",
        ]
    )
    return f"{folder}{stem}.jpg"


def test_in_an_open_catalogue_only_what_looks_like_a_sku_is_one(open_shop: StoreProcess) -> None:
    for path in ("by-name/front.jpg", "IMG_1234.jpg", "100CANON/DSCF0815.jpg", "Mug red.jpg"):
        assert unplaced(open_shop, path)[0] is Reason.PRODUCT_UNKNOWN
    front, second = (placed(open_shop, f"by-name/BOWL-24-{shot}.jpg") for shot in ("front", "2"))
    assert front.product_id == second.product_id
    assert second.order == 2
    assert placed(open_shop, "TOY-05/front.jpg").product_id != front.product_id


def test_in_an_open_catalogue_asking_makes_no_product_but_the_one_that_gets_a_picture(
    tmp_path: Path,
) -> None:
    with local_store(tmp_path / "store") as store:

        def skus() -> set[str]:
            shown = store.call("GET", "/catalog/products?limit=250").json()["data"]
            return {product["sku"] for product in shown}

        assigner = assigner_of(store)
        for path in ("BOWL-24-front.jpg", "IMG_1234.jpg", "by-name/RING-07-2-back.jpg"):
            assigner.expect(shot(path))
        placed = assigner.place(shot("BOWL-24-front.jpg"))
        assert skus() == set()
        assert store.upload(placed.product_id, picture()).status_code == 200
        assert skus() == {"BOWL-24"}


@pytest.mark.parametrize(
    "path",
    ["\udcff\udcfe.jpg", "a\nb/c\td.jpg", "a,b/front.jpg", "x" * 250 + ".jpg", "\u202e158.jpg"],
)
def test_a_name_that_no_address_can_hold_is_not_asked_for_and_spoils_no_other(
    shop: StoreProcess, path: str
) -> None:
    assigner = assigner_of(shop)
    assigner.expect(shot(path))
    assert assigner.place(shot("SM-13/a.jpg")).product_id == 158
    with pytest.raises(ProductUnknown):
        assigner.place(shot(path))


def test_a_store_that_cannot_be_asked_is_an_error_and_leaves_no_answer_behind(
    shop: StoreProcess,
) -> None:
    assigner = assigner_of(shop)
    shop.misbehave({"do": "answer", "status": 503, "times": 1, "path": "/catalog/*"})
    try:
        with pytest.raises(StoreUnavailable):
            assigner.place(shot("SM-13/a.jpg"))
    finally:
        shop.control("DELETE", "_faults")
    assert assigner.place(shot("SM-13/a.jpg")).product_id == 158


def may_be_of(assigner: Assigner, original: Original, product_id: int) -> bool | None:
    """Whether a photograph may be of a product by its names; None while these are not known."""
    names = assigner.name_rules.of_product(product_id)
    return (
        None if names is None else not set(assigner.name_rules.proposed(original)).isdisjoint(names)
    )


def test_by_its_name_alone_it_shows_what_is_certainly_not_of_a_product(shop: StoreProcess) -> None:
    client = client_of(shop)
    assigner = Assigner(client.products_by_sku, client.known_products, client.skus_of)
    files = {
        "sm-13-front.jpg": True,
        "SM-14-BLUE_2.jpg": True,
        "id 158/7.jpg": True,
        "SM-13-RED/1.jpg": True,  # its name is longer, and begins with it all the same
        "SM-14.jpg": False,
        "IMG_0158.jpg": False,
        "mug.jpg": False,
    }
    assert {may_be_of(assigner, shot(file), 158) for file in files} == {None}
    before = len(shop.seen())
    assert assigner.learn()
    assert {file: may_be_of(assigner, shot(file), 158) for file in files} == {
        **files,
        "SM-13-RED/1.jpg": False,
    }
    assert may_be_of(assigner, shot("x.jpg", sku="sm-13"), 158)
    assert not may_be_of(assigner, shot("SM-13.jpg", sku="SM-14"), 158)
    assert len(shop.seen()) == before + 1
