"""What is said where a setting is wrong: how it is written, and which one may be meant."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from pipeline.broken_toml import shown_name
from pipeline.setting_sources import Source, SourceKind
from pipeline.settings_file import toml_value

__all__ = ["nearest", "unknown_name", "written"]


def nearest(name: str, names: Collection[str]) -> str | None:
    """Return which of the names a mistyped one is nearest to; None where it is near to none."""
    from difflib import get_close_matches  # for who mistyped it

    by_word = {_word(one): one for one in names}
    near = get_close_matches(_word(name), by_word, n=1)
    return by_word[near[0]] if near else None


def unknown_name(name: str, names: Collection[str]) -> str:
    """Say that there is no setting of a name, and which one may be meant."""
    shown = shown_name(name)
    there_is_none = f"there is no setting {shown}" if shown == name else "that is no setting"
    if (near := nearest(name, names)) is not None:
        return f"{there_is_none}: is {near} meant?"
    return f"{there_is_none}; there are {', '.join(sorted(names))}"


def _word(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def written(name: str, value: object, source: Source) -> str:
    """Return how a setting with that value is written where it comes from, to be copied."""
    if isinstance(value, tuple):
        bare = ",".join(value)
    else:
        bare = value if isinstance(value, str) else toml_value(value).strip('"')
    # As a shell takes it, in which a pattern's signs would do something.
    bare = f"'{bare}'" if isinstance(value, tuple) else shlex.quote(bare)
    match source.kind:
        case SourceKind.ENVIRONMENT:
            return f"{source.detail}={bare}"
        case SourceKind.FLAG:
            return f"{source.detail} {bare}"
        case _:
            return f"{name} = {toml_value(value)}"
