"""What a product lacks of what it needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.lacking import Needs, ShopProduct, lacks_of
from pipeline.values import StoredImage
from tests.makers import stored_image

MAIN = replace(stored_image(1), is_thumbnail=True, description="Mug, front", image_file="front.jpg")
BACK = replace(stored_image(2), description="Mug, back", image_file="back.jpg")
SILENT = replace(stored_image(3), description=" ", image_file="inside.jpg")


def views_of(product: ShopProduct) -> set[str]:
    return {image.image_file.removesuffix(".jpg") for image in product.images}


def product(*images: StoredImage) -> ShopProduct:
    return ShopProduct(id=158, sku="MUG", name="Mug", images=images)


@pytest.mark.parametrize(
    ("images", "needs", "lacking"),
    [
        ((MAIN,), Needs(), {}),
        ((), Needs(), {"too_few": 1}),
        ((), Needs(pictures=3), {"too_few": 3}),
        ((MAIN, BACK), Needs(pictures=3), {"too_few": 1}),
        ((BACK,), Needs(), {"no_main": True}),
        ((MAIN, SILENT), Needs(), {"without_text": 1}),
        ((MAIN, BACK), Needs(views=("front", "back", "inside")), {"views": ("inside",)}),
        ((), Needs(views=("back",)), {"too_few": 1, "views": ("back",)}),
    ],
)
def test_a_product_lacks_what_none_of_its_images_is(
    images: tuple[StoredImage, ...], needs: Needs, lacking: dict[str, object]
) -> None:
    said = lacks_of(product(*images), needs, views_of)
    nothing = {"too_few": 0, "no_main": False, "without_text": 0, "views": ()}
    assert {name: getattr(said, name) for name in nothing} == nothing | lacking
    assert bool(said) == bool(lacking)
    assert (said.product_id, said.sku, said.name, said.pictures) == (158, "MUG", "Mug", len(images))
