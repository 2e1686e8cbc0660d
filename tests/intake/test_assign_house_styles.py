"""How studios call their files, and what is made of it: each row is a promise.

The shop knows the products below; every file is asked about as `pipeline run` asks, with the folder
`shoot` named.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ProductUnknown
from pipeline.intake import Assigner
from pipeline.placement import Placement
from pipeline.values import Original
from tests.localstore.process import StoreProcess
from tests.servers import client_of, local_store

CATALOGUE = """\
id,sku,name,product_id,upc,gtin,mpn
13,SM-13,Mug,
14,CUP,Cup,,036000291452,,
15,JAR,Jar,,,4012345678901,
16,JAR-L,Large jar,15,,04012345678918,
81,POT,Pot,,,,NW.4711
82,POT-L,Large pot,81,,,nw-4712
83,LID,Lid,,,,CUP
84,LID-2,Lid,,,,LX-9
85,LID-3,Lid,,,,lx-9
86,RING,Ring,,,,8843
31,SM-13-RED,Red mug,
20,SM-20,Bowl,
40,4006381333931,A SKU that is a barcode's number,
50,ABC,Vase,
52,ABC_2,A vase whose SKU ends like a picture's number,
60,KX/7,Jug,
61,KX/8-B,Jug B,
62,P_Q/R,Either,
63,P/Q_R,Or,
70,2026,A SKU that looks like a year,
71,900,A SKU that is a number,
72,1,A SKU that is a picture's number,
73,3,A SKU that is a count,
74,20261127,A SKU that is a date,
"""

STYLES = (
    # file below `shoot`, product, the number in its name
    ("SM-13.jpg", 13, None),
    ("sm-13.JPG", 13, None),
    ("SM-13_1.jpg", 13, 1),
    ("SM-13-2.jpg", 13, 2),
    ("SM-13#3.jpg", 13, 3),
    ("SM-13 (2).jpg", 13, 2),
    ("SM-13_front.jpg", 13, None),
    ("SM-13-front.jpg", 13, None),
    ("SM-13.MAIN.jpg", 13, None),
    ("SM-13.PT01.jpg", 13, None),
    ("SM-13_View_2.jpg", 13, None),
    ("SM-13/anything.jpg", 13, None),
    ("SM-13/IMG_4711.jpg", 13, None),
    ("SM-13/1.jpg", 13, None),
    ("SM-13/SM-13_0_free.jpg", 13, None),
    ("Northwind/SM-13/front.jpg", 13, None),
    ("Northwind/SM-13/raw/export/front.jpg", 13, None),
    ("4006381333931_A1C1.jpg", 40, None),
    # the number of a barcode, with or without zeros before it: GTIN-14, EAN or UPC
    ("036000291452.jpg", 14, None),
    ("0036000291452_A1C1.jpg", 14, None),
    ("00036000291452_2.jpg", 14, 2),
    ("04012345678901_A7C1.jpg", 15, None),
    ("4012345678918/front.jpg", 15, None),
    ("autumn/4012345678901-back.jpg", 15, None),
    # an MPN, of a product or a variant, where no name is a SKU
    ("NW.4711.jpg", 81, None),
    ("nw.4711_2.jpg", 81, 2),
    ("autumn/NW-4712-back.jpg", 81, None),
    ("NW-4712/front.jpg", 81, None),
    ("2026/NW-4712-front.jpg", 81, None),
    # a SKU goes before an MPN
    ("CUP_2.jpg", 14, 2),
    ("NW-4712/SM-20-front.jpg", 20, None),
    ("id-13_2.jpg", 13, 2),
    ("product-13/front.jpg", 13, None),
    ("id 13/1.jpg", 13, None),
    # the longest SKU that exists wins
    ("SM-13-RED-2.jpg", 31, 2),
    ("SM-13-BLUE-2.jpg", 13, None),
    ("ABC_2_1.jpg", 52, 1),
    ("ABC_1.jpg", 50, 1),
    # a bare number never outweighs a SKU
    ("2026/SM-13-front.jpg", 13, None),
    ("900/SM-13-front.jpg", 13, None),
    ("900/front.jpg", 71, None),
    # a slash is written as a file system takes it
    ("KX_7.jpg", 60, None),
    ("KX-7-front.jpg", 60, None),
    ("KX%2F7_2.jpg", 60, 2),
    ("KX_7/front.jpg", 60, None),
    ("KX_8-B_2.jpg", 61, 2),
)

WAITING = (
    ("front.jpg", "nobody knows its product"),
    ("SM-31.jpg", "nobody knows its product"),
    ("4012345678902.jpg", "nobody knows its product"),  # a wrong check digit
    ("IMG_4711.jpg", "nobody knows its product"),
    ("LX-9_2.jpg", "LX-9 is the MPN of the products 84, 85: name it after its SKU"),
    ("8843.jpg", "nobody knows its product"),  # an MPN, but a bare number
    ("2026/11/28/PXL_20261128_101500123.jpg", "nobody knows its product"),
    ("2026-11-27 10.15.00.jpg", "nobody knows its product"),
    ("20261127_101500.jpg", "nobody knows its product"),
    ("IMG-20261127-WA0001.jpg", "nobody knows its product"),
    ("Screenshot 2026-11-27.png", "nobody knows its product"),
    ("12.5x8cm.jpg", "nobody knows its product"),
    ("3 mugs.jpg", "nobody knows its product"),
    ("1.jpg", "nobody knows its product"),
    ("900 mugs.jpg", "nobody knows its product"),
    ("SM-13/4012345678901.jpg", "its folder says SM-13, its name says 4012345678901"),
    ("SM-20/SM-13-front.jpg", "its folder says SM-20, its name says SM-13"),
    ("ABC_2.jpg", "its name may say the product ABC_2, or a numbered picture of ABC, and the shop"),
    ("ABC_2-front.jpg", "its name may say the product ABC_2, or a numbered picture of ABC"),
    ("P_Q_R.jpg", "its name's P_Q_R may stand for the SKU P/Q_R or P_Q/R"),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("shop"), catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture(scope="module")
def assigner(shop: StoreProcess) -> Assigner:
    client = client_of(shop)
    return Assigner(
        client.products_by_sku,
        client.known_products,
        client.skus_of,
        by_code=client.products_by_code,
        by_mpn=client.products_by_mpn,
    )


def at(path: str, root: Path = Path("/shoot")) -> Original:
    return Original(sha256="", size=0, path=root / path, root=root)


@pytest.mark.parametrize(("path", "product", "number"), STYLES)
def test_the_file_is_the_products(
    assigner: Assigner, path: str, product: int, number: int | None
) -> None:
    placement = assigner.place(at(path))
    assert (placement.product_id, placement.order) == (product, number)


@pytest.mark.parametrize(("path", "why"), WAITING)
def test_the_file_waits_and_says_why(assigner: Assigner, path: str, why: str) -> None:
    with pytest.raises(ProductUnknown) as unknown:
        assigner.place(at(path))
    assert str(unknown.value).startswith(why)


def placed_beside(assigner: Assigner, folder: Path, *names: str) -> Placement:
    """Return where the first of the names is placed, with all of them in one folder."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return assigner.place(at(f"{folder.name}/{names[0]}", folder.parent))


def test_the_other_pictures_of_the_shoot_settle_whether_a_number_is_the_skus(
    assigner: Assigner, tmp_path: Path
) -> None:
    numbered = placed_beside(assigner, tmp_path / "a", "ABC_2.jpg", "ABC_1.jpg", "ABC_3.jpg")
    assert (numbered.product_id, numbered.order) == (50, 2)
    assert numbered.rule == "its file name begins with ABC, and ABC_1 and ABC_3 lie beside it"
    own = placed_beside(assigner, tmp_path / "b", "ABC_2.jpg", "ABC_2-back.jpg", "ABC.jpg")
    assert own.product_id == 52
    assert own.rule == "its file name begins with ABC_2, and ABC_2-back lies beside it"


def test_a_folder_settles_it_too(assigner: Assigner) -> None:
    assert assigner.place(at("ABC/ABC_2.jpg")).product_id == 50
    assert assigner.place(at("ABC_2/ABC_2.jpg")).product_id == 52


@pytest.mark.parametrize(
    "beside", [(), ("ABC.jpg",), ("ABC_1.jpg", "ABC_2-back.jpg"), ("ABC_2.xmp", "XYZ_1.jpg")]
)
def test_where_nothing_settles_it_or_both_it_waits(
    assigner: Assigner, tmp_path: Path, beside: tuple[str, ...]
) -> None:
    with pytest.raises(ProductUnknown, match="a numbered picture of ABC"):
        placed_beside(assigner, tmp_path / "c", "ABC_2.jpg", *beside)


@pytest.mark.parametrize("path", [path for path, _, _ in STYLES])
def test_whatever_is_placed_is_looked_for_under_one_of_its_products_names(
    assigner: Assigner, path: str
) -> None:
    product_id = assigner.place(at(path)).product_id
    rules = assigner.name_rules
    if rules.of_product(product_id) is None:
        assigner.learn()
    names = rules.of_product(product_id)
    assert names is not None
    assert set(names) & set(rules.proposed(at(path)))
