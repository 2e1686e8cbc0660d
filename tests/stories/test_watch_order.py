"""Order and main picture of a product, whatever the programs do that write its photographs."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.intake.watching.writers import Studio
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command
from tests.stories.watching import Watching


def content(number: int) -> bytes:
    """Return a small JPEG whose pixels no other number has: what shows the same is sent once."""
    image = Image.new("L", (128, 8))
    for bit in range(16):
        image.paste(255 * (number >> bit & 1), (8 * bit, 0, 8 * bit + 8, 8))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


SEEDS = range(1, 1 + int(os.environ.get("ORDER_SEEDS", "2")))
"""ORDER_SEEDS=20 is the whole proof; each takes more than a minute."""


@pytest.mark.parametrize(
    ("seed", "products"),
    [(1, 5), *(pytest.param(seed, 150, marks=pytest.mark.long) for seed in SEEDS)],
)
def test_every_product_has_its_photographs_in_shot_order_and_the_first_as_main_picture(
    pipeline: Command, store: StoreProcess, tmp_path: Path, seed: int, products: int
) -> None:
    roots = [tmp_path / "camera", tmp_path / "exports"]
    for root in roots:
        root.mkdir()
    studio = Studio(roots, seed, products, content)
    number = len(studio.all_shots)
    with Watching(pipeline, *roots).running() as watching:
        studio.shoot(products / 10)
        watching.stored(number, 60 + number)
    found = {photo["path"]: photo for photo in pipeline("list", "--json").well().document}
    assert sorted(found) == sorted(map(str, studio.all_shots)), "each once, and none by half"
    for sku, shots in studio.shots.items():
        images = sorted(store.images(found[str(shots[0])]["product_id"]), key=lambda one: one["id"])
        ids = [found[str(path)]["image_id"] for path in shots]
        assert [image["id"] for image in images] == ids, sku
        assert [image["is_thumbnail"] for image in images] == [True] + [False] * (len(ids) - 1)
