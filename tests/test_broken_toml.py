"""A settings file that is no TOML is told what is wrong with it, and nothing of it is shown."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.broken_toml import shown_name, toml_trouble
from pipeline.errors import ConfigError
from pipeline.settings import load

TOKEN = "q7w2e9r4t1y6u3i8o5p0a7s2d9f4g1h"


def trouble(text: str) -> str:
    with pytest.raises((tomllib.TOMLDecodeError, RecursionError)) as error:
        tomllib.loads(text)
    return toml_trouble(text, error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"access_token = {TOKEN}", 'access_token needs quotation marks: access_token = "…"'),
        ("recipe = best  # as always", 'recipe needs quotation marks: recipe = "…"'),
        ("ca_file = /etc/office.pem", 'ca_file needs quotation marks: ca_file = "…"'),
        ("exclude = *.jpg", 'exclude needs quotation marks: exclude = "…"'),
        ("notify = yes", "notify is true or false, in small letters: notify = true"),
        ("notify = True", "notify is true or false, in small letters: notify = true"),
        ("max_bytes = 1,000,000", "a number is written with digits alone"),
        ("max_bytes = 1 MB", "without a unit"),
        ("uploads = 08", "a number is written with digits alone"),
        ("patience = 2,5", "with a point for a fraction"),
        ("uploads =", "uploads has no value"),
        ("uploads = # some", "uploads has no value"),
        ("uploads 5", "stands an equals sign: uploads = …"),
        ("uploads: 5", "stands an equals sign: uploads = …"),
        (TOKEN, "stands an equals sign: name = …"),
        ("store hash = 'abc'", "without blanks and quotation marks"),
        ("export BIGCOMMERCE_STORE_HASH=abc", "without blanks"),
        ("größe = 5", "a name is made of letters"),
        (f'access_token = "{TOKEN}', 'mark at the end is missing: access_token = "…"'),
        (f"access_token = '{TOKEN}", "mark at the end is missing: access_token = '…'"),
        (f"access_token = “{TOKEN}”", "access_token has curly quotation marks"),
        (f'access_token = "{TOKEN}" mine', "nothing behind it but a comment"),
        ('ca_file = "C:\\Users\\office.pem"', "single quotation marks: ca_file = '…'"),
        ('note = """one\ntwo', "the quotation marks at the end of note are missing"),
        ('exclude = ["a" "b"]', "the list of exclude is not right"),
        ("shops = {main = 1, ", "the list of shops is not right"),
        ("[shops.main", "the ] at the end is missing: [shops.main]"),
        ("[shops.my shop]", "names a table, and nothing else"),
        ("a = " + "[" * 3000, "the list of a is not right"),
    ],
)
def test_what_people_write_is_told_as_it_would_be_right(text: str, sentence: str) -> None:
    said = trouble(text)
    assert said.startswith("line 1: ")
    assert sentence in said
    assert TOKEN not in said


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("a = 1\n\n# b\nb = c\n", 4, "b needs quotation marks"),
        ("a = 1\nuploads = 2\nuploads = 3\n", 3, "uploads is set above already"),
        ("[a]\nx = 1\n[a]\ny = 1\n", 3, "[a] stands there twice"),
        ("a = 1\nexclude = [\n  'x',\n  'y'\nuploads = 3\nworkers = 2\n", 2, "the list of exclude"),
        ("a = 1\nb = '''x\ny = 1\nz = 2\n", 2, "at the end of b are missing"),
        ("a = 1\r\nb = c\r\n".replace("\r\n", "\n"), 2, "b needs quotation marks"),
    ],
)
def test_the_line_is_named_where_it_begins(text: str, line: int, sentence: str) -> None:
    said = trouble(text)
    assert said.startswith(f"line {line}: ")
    assert sentence in said


def test_a_name_is_shown_where_it_can_be_no_token() -> None:
    for name in ("uploads", "BIGCOMMERCE_ACCESS_TOKEN", "shops.main.store_hash"):
        assert shown_name(name) == name
    for name in (TOKEN, f"shops.{TOKEN}", "a b", "", "a\x1b[2J"):
        assert shown_name(name) == "name"


GOOD = f"""\
# Ours.
store_url = "https://api.bigcommerce.com/stores/abc123/v3"
access_token = "{TOKEN}"
uploads = 4
exclude = ["*_draft.*", "Old/"]
keep_copyright = false
"""

PIECES = ["", '"', "'", "=", "[", "]", "{", "}", ".", ",", "#", "\\", "\n", " ", "“", "\0", "é",
          '"""', "[shops]\n", "[access_token]\n", "= ", "1", "e", "-", TOKEN]  # fmt: skip


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 5))
def test_however_a_file_is_broken_the_token_is_never_told_and_the_file_always(
    seed: int, changes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    text = GOOD
    for _ in range(changes):
        begin = chance.randrange(len(text) + 1)
        end = min(len(text), begin + chance.choice([0, 0, 1, 1, 2, 5, 20]))
        text = text[:begin] + chance.choice(PIECES) + text[end:]
        if chance.random() < 0.2:
            lines = text.split("\n")
            chance.shuffle(lines)
            text = "\n".join(lines)
    home = tmp_path_factory.getbasetemp() / "broken"
    home.mkdir(mode=0o700, exist_ok=True)
    file = home / "pipeline.toml"
    file.write_text(text, encoding="utf-8", newline="\n")
    file.chmod(0o600)
    said = refused(home)
    assert said is None or str(file) in said, text
    for begin in range(len(TOKEN) - 24):
        assert TOKEN[begin : begin + 25] not in (said or ""), text


def refused(home: Path) -> str | None:
    try:
        load({"home": home}, {})
    except ConfigError as error:
        return str(error)
    return None
