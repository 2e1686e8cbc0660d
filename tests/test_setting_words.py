"""What is said where a setting is wrong can be copied."""

from __future__ import annotations

import shlex

import pytest

from pipeline.setting_sources import Source, SourceKind
from pipeline.setting_words import nearest, unknown_name, written
from pipeline.settings import ENVIRONMENT, SETTINGS, judge


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("uplaods", "uploads"),
        ("Max-Bytes", "max_bytes"),
        ("accesstoken", "access_token"),
        ("stroe_hash", "store_hash"),
        ("colour", None),
    ],
)
def test_a_mistyped_name_is_told_which_one_may_be_meant(name: str, meant: str | None) -> None:
    assert nearest(name, SETTINGS) == meant
    assert f"there is no setting {name}" in unknown_name(name, SETTINGS)
    assert (meant or "max_bytes") in unknown_name(name, SETTINGS)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_example_of_every_setting_is_right_wherever_it_stands(name: str) -> None:
    if name == "access_token":
        pytest.skip("no token is one for everybody")
    by_file = Source(SourceKind.FILE, "pipeline.toml")
    example = SETTINGS[name].example
    assert example is not None
    value = judge(name, list(example) if isinstance(example, tuple) else example, by_file)
    assert written(name, example, by_file).startswith(f"{name} = ")
    by_environment = written(name, example, Source(SourceKind.ENVIRONMENT, ENVIRONMENT[name]))
    variable, _, text = by_environment.partition("=")
    assert variable == ENVIRONMENT[name]
    assert judge(name, shlex.split(text)[0], by_file) == value
    flag, _, text = written(name, example, Source(SourceKind.FLAG, f"--{name}")).partition(" ")
    assert flag == f"--{name}"
    assert judge(name, shlex.split(text)[0], by_file) == value
