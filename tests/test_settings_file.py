"""The settings file is changed by one key, and all that its author wrote besides stays."""

from __future__ import annotations

import os
import stat
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.setting_kinds import Secret
from pipeline.settings_file import (
    begin_draft,
    change_settings,
    parsed_settings,
    read_settings,
    replace_settings,
    settings_text,
    toml_value,
)
from pipeline.values import Preset
from tests.permissions import permissions_in_force

WRITTEN = """\
# Our studio, since 2019.

uploads = 3   # the line is slow
exclude = [
    "*_draft.*",  # the retoucher's
]

# The shop in town.
[shops.town]
store_hash = 'abc'   # from Anna

[shops.outlet]
store_hash = "def"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "pipeline.toml"
    written.write_text(WRITTEN)
    return written


def test_one_value_is_changed_and_every_other_sign_stays(file: Path) -> None:
    change_settings(file, {"uploads": 4})
    assert file.read_text() == WRITTEN.replace("uploads = 3", "uploads = 4")
    change_settings(file, {"shops.town.store_hash": "xyz", "uploads": None})
    assert file.read_text() == WRITTEN.replace("'abc'", '"xyz"').replace(
        "uploads = 3   # the line is slow\n", ""
    )


def test_what_is_new_stands_where_it_means_what_it_should(file: Path) -> None:
    change_settings(file, {"workers": 2, "shops.town.access_token": Secret("t"), "shop": "town"})
    values = read_settings(file)
    assert values["workers"] == 2
    assert values["shop"] == "town"
    assert values["shops"] == {
        "town": {"store_hash": "abc", "access_token": "t"},
        "outlet": {"store_hash": "def"},
    }
    for line in WRITTEN.splitlines():
        assert line in file.read_text().splitlines()


def test_a_table_is_taken_out_as_a_whole_and_what_stands_above_the_next_one_stays(
    file: Path,
) -> None:
    file.write_text(f"{WRITTEN}\n# By the motorway.\n[shops.third]\nstore_hash = 'ghi'\n")
    change_settings(file, {"shops.outlet": None})
    assert list(read_settings(file)["shops"]) == ["town", "third"]
    assert file.read_text().endswith("# By the motorway.\n[shops.third]\nstore_hash = 'ghi'\n")


@pytest.mark.parametrize("above", ["", "# ours\n[shops]\n"])
def test_the_last_table_of_its_kind_is_taken_out_too(file: Path, above: str) -> None:
    file.write_text(f'shop = "town"\nworkers = 2\n\n{above}[shops.town]\nstore_hash = "abc"\n')
    change_settings(file, {"shops.town": None, "shop": None})
    assert read_settings(file) == {"workers": 2, **({"shops": {}} if above else {})}
    assert above.strip() in file.read_text()


def test_a_file_that_is_not_there_is_made_with_its_folder_for_its_owner_alone(
    tmp_path: Path,
) -> None:
    file = tmp_path / "new" / "home" / "pipeline.toml"
    change_settings(file, {"shops.main.store_hash": "abc", "shop": "main"})
    assert read_settings(file) == {"shop": "main", "shops": {"main": {"store_hash": "abc"}}}
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="file permissions are POSIX's")
def test_what_others_could_read_they_cannot_read_any_more_and_a_link_stays_one(
    tmp_path: Path, file: Path
) -> None:
    file.chmod(0o644)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    change_settings(link, {"access_token": Secret("t")})
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_settings(link)["access_token"] == "t"


def test_lines_that_end_as_windows_has_it_do_so_afterwards(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + WRITTEN.replace("\n", "\r\n").encode())
    change_settings(file, {"workers": 2})
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    assert read_settings(file) == tomllib.loads(WRITTEN) | {"workers": 2}
    assert settings_text(file) == file.read_text(encoding="utf-8")


def test_a_value_where_a_table_should_be_is_said_and_nothing_is_changed(file: Path) -> None:
    file.write_text("shops = 1\n")
    with pytest.raises(ConfigError, match=r"shops has a value, where a table \[shops\] should be"):
        change_settings(file, {"workers": 2, "shops.main.store_hash": "abc"})
    assert file.read_text() == "shops = 1\n"


def test_a_table_where_a_value_should_be_gives_way_to_it(file: Path) -> None:
    file.write_text("[uploads]\nmost = 3\n")
    change_settings(file, {"uploads": 4})
    assert read_settings(file) == {"uploads": 4}


def test_a_file_that_is_no_toml_is_left_as_it_is(file: Path) -> None:
    file.write_text("uploads = \n")
    with pytest.raises(ConfigError, match=r"pipeline\.toml"):
        change_settings(file, {"uploads": 4})
    assert file.read_text() == "uploads = \n"


def test_what_cannot_be_written_is_said(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ConfigError, match="is a text in UTF-8"):
        change_settings(file, {"ca_file": "\udcff"})
    assert file.read_text() == WRITTEN
    tmp_path.chmod(0o500)
    with permissions_in_force():
        with pytest.raises(ConfigError, match="cannot be written: Permission denied"):
            change_settings(file, {"uploads": 4})
        with pytest.raises(ConfigError, match="cannot be written: Permission denied"):
            begin_draft(tmp_path / "draft.toml", "")
    tmp_path.chmod(0o700)
    assert file.read_text() == WRITTEN


def test_what_changed_under_an_editor_is_not_overwritten(file: Path) -> None:
    replace_settings(file, "uploads = 5\n", before=WRITTEN)
    with pytest.raises(ConfigError, match="was changed meanwhile"):
        replace_settings(file, "uploads = 6\n", before=WRITTEN)
    assert file.read_text() == "uploads = 5\n"


def test_of_many_who_change_it_at_once_none_is_forgotten(file: Path) -> None:
    threads = [
        threading.Thread(target=change_settings, args=(file, {f"shops.s{number}.store_hash": "a"}))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_settings(file)["shops"]) == 2 + 12


NAMES = st.sampled_from(["uploads", "exclude", "shop", "shops", "recipe", "x-y"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = TEXTS | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.floats() | st.lists(TEXTS)
TABLES: Any = st.recursive(VALUES, lambda inner: st.dictionaries(NAMES, inner, max_size=3))
KEYS = st.lists(NAMES, min_size=1, max_size=3).map(".".join)


def _lines(values: dict[str, Any], table: tuple[str, ...], comment: str) -> list[str]:
    """Return TOML as people write it: values first, a comment at each, then the tables."""
    lines = []
    for name, value in values.items():
        if not isinstance(value, dict):
            lines += [f"# {comment} above", f"{name} = {toml_value(value)}  # {comment}"]
    for name, value in values.items():
        if isinstance(value, dict):
            inner = (*table, name)
            lines += ["", f"[{'.'.join(inner)}]", *_lines(value, inner, comment)]
    return lines


@given(values=st.dictionaries(NAMES, TABLES, max_size=4), key=KEYS, value=VALUES | st.none())
def test_whatever_stands_there_one_key_is_changed_and_nothing_else_or_it_is_said(
    values: dict[str, Any],
    key: str,
    value: object,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("settings") / "pipeline.toml"
    text = "\n".join(_lines(values, (), "why")) + "\n"
    file.write_text(text, encoding="utf-8", newline="\n")
    before = parsed_settings(text, file)
    try:
        change_settings(file, {key: value})
    except ConfigError:
        assert file.read_text(encoding="utf-8") == text
        *outer, _ = key.split(".")
        at: Any = before
        for name in outer:
            at = at.get(name, {})
            if not isinstance(at, dict):
                return
        raise
    after = read_settings(file)
    assert repr(_at(after, key)) == repr(value)
    if not isinstance(_at(before, key), dict):
        assert file.read_text(encoding="utf-8").count("# why above") == text.count("# why above")
    for other in _keys(before):
        if not f"{other}.".startswith(f"{key}."):
            assert repr(_at(after, other)) == repr(_at(before, other))


def _at(values: Any, key: str) -> object:
    for name in key.split("."):
        if not isinstance(values, dict) or name not in values:
            return None
        values = values[name]
    return values


def _keys(values: dict[str, Any], table: str = "") -> list[str]:
    keys = []
    for name, value in values.items():
        keys += _keys(value, f"{table}{name}.") if isinstance(value, dict) else [f"{table}{name}"]
    return keys


@given(VALUES)
def test_a_value_comes_back_from_its_text_as_it_was(value: object) -> None:
    assert repr(tomllib.loads(f"a = {toml_value(value)}")["a"]) == repr(value)


def test_a_secret_a_word_and_a_path_are_written_as_texts() -> None:
    assert toml_value(Secret("t")) == '"t"'
    assert toml_value(Preset.BEST) == '"best"'
    assert toml_value(Path("/a b")) == '"/a b"'
