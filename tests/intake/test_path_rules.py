from __future__ import annotations

from pathlib import Path

from pipeline.intake.chain import Asked
from pipeline.intake.path_rules import by_folder, by_name, chain_of
from pipeline.values import Original, Rule


def at(path: str) -> Original:
    return Original(sha256="", size=0, path=Path("/shop") / path, root=Path("/shop"))


def test_a_file_name_and_the_folders_each_say_what_they_know_by_themselves() -> None:
    name, folder = by_name(at("SM-20/SM-13-front.jpg")), by_folder(at("SM-20/SM-13-front.jpg"))
    assert name is not None
    assert folder is not None
    assert name.names == ("SM-13-front", "SM-13", "SM")
    assert folder.names == ("SM-20", "shop")
    assert by_name(at("IMG_1234.jpg")) is None
    assert by_folder(Original(sha256="", size=0, path=Path("/a.jpg"), root=Path("/"))) is None


def test_a_number_below_a_folder_that_looks_like_a_products_is_a_pictures() -> None:
    assert by_name(at("SM-31/900.jpg")) is None
    assert by_name(at("autumn/900.jpg")) is not None


def test_rules_are_asked_in_the_order_that_is_set_and_others_may_join_them() -> None:
    table = Asked(rule=Rule.MAP, says=lambda original: None)
    assert [one.rule for one in chain_of()] == [Rule.NAME, Rule.FOLDER]
    order = (Rule.FOLDER, Rule.MAP)
    assert [one.rule for one in chain_of(order, more={Rule.MAP: table})] == [*order]
