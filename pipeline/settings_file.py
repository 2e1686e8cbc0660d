"""The settings file as people keep it: read, and changed a key at a time, all else as it was.

Comments, order and blank lines stay. What is written is its owner's alone and whole, or not there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pipeline.broken_toml import toml_trouble
from pipeline.durable import replace_file
from pipeline.errors import ConfigError
from pipeline.home import PRIVATE_FILE
from pipeline.setting_kinds import Secret

__all__ = [
    "begin_draft",
    "change_settings",
    "parsed_settings",
    "read_settings",
    "replace_settings",
    "settings_text",
    "toml_value",
]

TOKEN: Final = "access_token"  # noqa: S105 - its name

_LONGEST_WAIT: Final = 10.0
"""Seconds for another process that changes the file: it holds it for some milliseconds."""


def read_settings(file: Path, *, required: bool = False) -> dict[str, Any]:
    """Return what a settings file says; nothing where it is not there and need not be.

    Raises:
        ConfigError: it is not there and `required`, cannot be read or understood, or holds an
            access token and others may read it.
    """
    text = settings_text(file)
    if text is None:
        if required:
            raise ConfigError(f"the settings file {file} is not there")
        return {}
    values = parsed_settings(text, file)
    if os.name == "posix" and _holds_token(values) and file.stat().st_mode & 0o077:
        raise ConfigError(
            f"the settings file {file} holds the access token and others may read it: "
            f"chmod 600 {file}"
        )
    return values


def settings_text(file: Path) -> str | None:
    """Return the text of a settings file, as Python reads one; None where it is not there.

    Raises:
        ConfigError: it cannot be read, or is no text in UTF-8.
    """
    content = _content(file)
    return None if content is None else _decoded(content, file)


def parsed_settings(text: str, file: Path) -> dict[str, Any]:
    """Return what a text says as settings; `file` is what is named where it says nothing.

    Raises:
        ConfigError: it is no TOML; which line is wrong, and how it would be right.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Not from the error, which may show what stands there.
        raise ConfigError(f"the settings file {file}, {toml_trouble(text, error)}") from None


def change_settings(file: Path, changes: Mapping[str, object]) -> None:
    """Set or remove keys of a settings file, all of them at once; what else stands there stays.

    Args:
        file: the settings file; made where it is not there, together with its folder. Where it is
            a link, what it leads to is changed.
        changes: the new value of each key, None where it is to go. A key in a table has dots
            (`shops.main.store_hash`); a table that is missing is made, and one may be removed.

    Raises:
        ConfigError: the file cannot be read, understood or written; where a table would have to
            be stands a value; a text is not for UTF-8.
    """

    def changed(text: str) -> str:
        wanted = parsed_settings(text, file)
        for key, value in changes.items():
            _put(wanted, key, value, dict, file)
        return _with_changes(text, changes, file, wanted)

    _rewrite(file, changed)


def replace_settings(file: Path, text: str, *, before: str | None) -> None:
    """Write a settings file anew as a whole.

    Args:
        file: the settings file.
        text: all that is to stand in it.
        before: what stood in it when the new text was begun; None where it was not there.

    Raises:
        ConfigError: something else stands there by now, or it cannot be written.
    """

    def changed(now: str) -> str:
        if now != (before or ""):
            raise ConfigError(
                f"the settings file {file} was changed meanwhile: it is left as it is"
            )
        return text

    _rewrite(file, changed)


def begin_draft(draft: Path, text: str) -> None:
    """Write a copy of a settings file for its owner to change, for their eyes alone.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        replace_file(str(draft), text.encode(), mode=PRIVATE_FILE)
    except OSError as error:
        raise ConfigError(
            f"{draft} cannot be written: {error.strerror or type(error).__name__}"
        ) from error


def toml_value(value: object) -> str:
    """Return a setting's value as TOML writes it."""
    import tomlkit

    return tomlkit.item(_bare(value)).as_string()


def _rewrite(file: Path, changed: Callable[[str], str]) -> None:
    target = file.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            content = _content(target) or b""
            text = changed(_decoded(content, file))
            if b"\r\n" in content:
                text = text.replace("\n", "\r\n")
            try:
                new = text.encode()
            except UnicodeEncodeError:
                raise ConfigError(
                    f"{file} is a text in UTF-8, and what should go into it is none"
                ) from None
            replace_file(str(target), new, mode=PRIVATE_FILE)
    except OSError as error:
        raise ConfigError(
            f"the settings file {file} cannot be written: {error.strerror or type(error).__name__}"
        ) from error


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold off others of our processes that would change the file, too."""
    from filelock import FileLock

    # A time-out is an OSError.
    with FileLock(file.with_name(f".{file.name}.lock"), timeout=_LONGEST_WAIT, mode=PRIVATE_FILE):
        yield


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(
            f"the settings file {file} cannot be read: {error.strerror or type(error).__name__}"
        ) from error


def _decoded(content: bytes, file: Path) -> str:
    try:
        # Some editors begin a file with a mark that TOML does not know.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeError as error:
        raise ConfigError(
            f"the settings file {file} is no text in UTF-8: save it as UTF-8"
        ) from error


def _with_changes(
    text: str, changes: Mapping[str, object], file: Path, wanted: Mapping[str, object]
) -> str:
    """Return the text with the changes; it says what is `wanted` and nothing else.

    Raises:
        ConfigError: it is written in a way that only its author can change.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    meant = (_comparable(wanted), _comparable(_without_emptied(wanted, changes)))
    shortened = text
    for key in (key for key, value in changes.items() if value is None):
        shortened = _without_table(shortened, key)
    for begun in (shortened, text):
        try:
            document = tomlkit.parse(begun)
            for key, value in changes.items():
                _put(document, key, value, lambda: tomlkit.table(is_super_table=True), file)
            new = tomlkit.dumps(document)
            if _comparable(parsed_settings(new, file)) in meant:
                return new
        except (TOMLKitError, ConfigError, RecursionError, ValueError, KeyError, TypeError):
            continue
    raise ConfigError(
        f"{', '.join(changes)} cannot be changed in {file} as it is written there: change it by "
        "hand (`pipeline config edit`)"
    )


def _without_emptied(
    values: Mapping[str, object], changes: Mapping[str, object]
) -> Mapping[str, object]:
    """Return the values without a table that lost its last key: without a header it is gone."""
    emptied = {
        table
        for table, dot, _ in (key.partition(".") for key, value in changes.items() if value is None)
        if dot and values.get(table) == {}
    }
    return {name: value for name, value in values.items() if name not in emptied}


def _without_table(text: str, key: str) -> str:
    """Return the text without the tables that stand as `[key]` and `[key.…]`.

    The library counts what is said above the next table as the end of the one before it.
    """
    header = re.compile(rf"\[{re.escape(key)}(\.[^]]*)?]\s*(#.*)?")
    kept: list[str] = []
    remarks: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            remarks.append(line)
            continue
        if bare.startswith("["):
            inside = header.fullmatch(bare) is not None
            # What stands above it without a gap speaks of it.
            while inside and remarks and remarks[-1].strip():
                remarks.pop()
            kept += remarks if inside else [*remarks, line]
        elif not inside:
            kept += [*remarks, line]
        remarks = []
    return "".join([*kept, *remarks])


def _put(
    values: MutableMapping[str, Any],
    key: str,
    value: object,
    new_table: Callable[[], Any],
    file: Path,
) -> None:
    *tables, name = key.split(".")
    at = values
    for number, table in enumerate(tables):
        if table not in at:
            if value is None:
                return
            at[table] = new_table()
        at = at[table]
        if not isinstance(at, MutableMapping):
            where = ".".join(tables[: number + 1])
            raise ConfigError(f"in {file} {where} has a value, where a table [{where}] should be")
    if value is None:
        at.pop(name, None)
        return
    bare = _bare(value)
    if name in at and isinstance(at[name], dict | list) and not isinstance(bare, list):
        # A table stands elsewhere than a value does.
        del at[name]
    at[name] = bare


def _bare(value: object) -> object:
    """Return a setting's value as one of those that TOML knows."""
    match value:
        case Secret():
            return value.reveal()
        case Enum():
            return value.value
        case tuple() | list():
            return [_bare(one) for one in value]
        case Path():
            return str(value)
        case _:
            return value


def _comparable(value: object) -> object:
    """Return a value so that two are equal where they are written alike: no number, too."""
    if isinstance(value, Mapping):
        return {name: _comparable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_comparable(one) for one in value]
    return repr(value)


def _holds_token(values: Mapping[str, Any]) -> bool:
    return any(
        name == TOKEN or (isinstance(value, Mapping) and _holds_token(value))
        for name, value in values.items()
    )
