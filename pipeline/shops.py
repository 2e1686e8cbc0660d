"""Shops that have a name: tables of the settings file (`[shops.NAME]`), and which one is meant.

What names no shop in a table (`store_hash`, `store_url`, `access_token` by themselves, in the file
or in the environment) is a shop without a name. Where both are given and do not agree, that is
said, and neither is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.errors import ConfigError
from pipeline.setting_kinds import Kind, Secret, WrongValue, path, secret, switch, text
from pipeline.setting_sources import Source, SourceKind
from pipeline.setting_words import nearest

__all__ = [
    "SHOP_SETTINGS",
    "TEST_SHOP",
    "NamedShop",
    "api_address",
    "hash_given",
    "hook_shops",
    "name_given",
    "named_shops",
    "put_in_use",
    "shop_called",
    "shop_named",
    "token_given",
    "url_given",
]

LONGEST_HASH: Final = 24
"""Letters; those that were seen have ten, and an access token has 31."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def hash_given(given: object) -> str:
    """Return a store's hash.

    Raises:
        WrongValue: it is none.
    """
    value = text(given)
    if not (value.isascii() and value.isalnum()):
        raise WrongValue("it should be letters and digits alone")
    if len(value) > LONGEST_HASH:
        raise WrongValue("it is too long for a store hash: is it the access token?")
    return value


def url_given(given: object) -> str:
    """Return the base address of a store's API.

    Raises:
        WrongValue: it is none.
    """
    # Only who has a shop set waits for what takes an address apart.
    from pipeline.store_address import wrong_address

    value = text(given)
    if wrong := wrong_address(value.rstrip("/")):
        raise WrongValue(wrong)
    return value


def token_given(given: object) -> Secret:
    """Return an access token.

    Raises:
        WrongValue: it is none; it is not shown.
    """
    from pipeline.store_address import wrong_token

    value = secret(given)
    if wrong := wrong_token(value.reveal()):
        raise WrongValue(wrong)
    return value


def name_given(given: object) -> str:
    """Return the name of a shop, as it stands in `[shops.NAME]`.

    Raises:
        WrongValue: no shop can have that name.
    """
    value = text(given)
    if _NAME.fullmatch(value) is None:
        raise WrongValue(
            "a shop's name is letters, digits, - and _ alone, at most 40 of them, as in: outlet"
        )
    return value


SHOP_SETTINGS: Final[Mapping[str, Kind]] = {
    "store_hash": hash_given,
    "store_url": url_given,
    "access_token": token_given,
    "ca_file": path,
}
"""What may stand in the table of a shop; it means there what the setting of that name means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedShop:
    """A shop that has a name; what its table does not say is None."""

    name: str
    store_hash: str | None = None
    store_url: str | None = None
    access_token: Secret | None = None
    ca_file: Path | None = None

    @property
    def key(self) -> str:
        """Under which the keyring has its token: its hash, or its address."""
        return self.store_url or self.store_hash or ""

    @property
    def address(self) -> str:
        """The base address of its API."""
        return api_address(self.store_hash, self.store_url) or ""

    @property
    def table(self) -> str:
        """Its place in the settings file, as it stands there."""
        return f"[shops.{self.name}]"


def api_address(hash_: str | None, url: str | None) -> str | None:
    """Return the base address of the API of a store; its own address is over its hash."""
    if url is not None:
        return url.rstrip("/")
    return None if hash_ is None else f"https://api.bigcommerce.com/stores/{hash_}/v3"


def named_shops(given: object, file: Path) -> tuple[NamedShop, ...]:
    """Return the shops that have a name, in the order of the file.

    Args:
        given: what stands under `shops` in the settings file.
        file: that file, for what is said of a mistake.

    Raises:
        ConfigError: a table is wrong, or two are the same shop.
    """
    if not isinstance(given, Mapping) or not all(
        isinstance(one, Mapping) for one in given.values()
    ):
        raise ConfigError(
            f"{file}: a shop is a table of its own, as in: [shops.main] and below it "
            'store_hash = "abc123"'
        )
    shops = tuple(_shop(name, table, file) for name, table in given.items())
    seen: dict[str, NamedShop] = {}
    for shop in shops:
        other = seen.setdefault(shop.address.casefold(), shop)
        if other is not shop:
            raise ConfigError(
                f"{file}: {other.table} and {shop.table} are the same shop: remove one of them"
            )
    return shops


def shop_named(name: str | None, shops: Sequence[NamedShop]) -> NamedShop | None:
    """Return the shop of a name; None where none has it."""
    return next((shop for shop in shops if shop.name == name), None)


def shop_called(name: str, shops: Sequence[NamedShop], said_by: str) -> NamedShop:
    """Return the shop of a name.

    Args:
        name: as it was given.
        shops: those that have a name.
        said_by: where the name was given, for what is said of a mistake.

    Raises:
        ConfigError: none has that name; the one that was perhaps meant is named.
    """
    if (shop := shop_named(name, shops)) is not None:
        return shop
    if not shops:
        raise ConfigError(
            f"there is no shop {name!r} ({said_by}), and none has a name: `pipeline shop add "
            f"{name}` adds it"
            if _NAME.fullmatch(name)
            else f"there is no shop {name!r} ({said_by})"
        )
    names = [shop.name for shop in shops]
    meant = nearest(name, names)
    raise ConfigError(
        f"there is no shop {name!r} ({said_by}); "
        + (f"perhaps {meant!r} is meant; " if meant is not None else "")
        + f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
    )


def put_in_use(
    given: dict[str, object],
    sources: dict[str, Source],
    shops: Sequence[NamedShop],
    kept_token: Callable[[str], str | None],
    file: Path,
) -> None:
    """Put what the table says of the shop that is named into the place of what names none.

    A name that is given with more weight than `test_shop` (a flag over the environment over the
    file) is over it; else the test shop is used, whatever shop is named.

    Args:
        given: settings by name, as flags, environment and file give them together.
        sources: where each of them came from.
        shops: those that have a name.
        kept_token: returns the token that the keyring has for a hash or an address.
        file: the settings file.

    Raises:
        ConfigError: none has that name; the shop that is named is not the one that what names
            none means; or a flag says the test shop, and another one a real one.
    """
    name = given.get("shop")
    if not isinstance(name, str) or _is_test_shop(given, sources):
        return
    by = sources["shop"]
    shop = shop_called(name, shops, str(by))
    for setting in _OF_NO_NAME:
        # What the file says of a shop without a name counts where none is named at all.
        if setting in given and by.kind > sources[setting].kind is SourceKind.FILE:
            del given[setting], sources[setting]
    _refuse_another_address(shop, given, sources)
    here = Source(SourceKind.FILE, f"{file} {shop.table}")
    token, token_by = shop.access_token, here
    if token is None and (kept := _kept(shop, kept_token, given)) is not None:
        token, token_by = Secret(kept), Source(SourceKind.KEYRING)
    _refuse_another_token(shop, token, given, sources)
    for setting in ("store_hash", "store_url"):
        given.pop(setting, None), sources.pop(setting, None)
        if (value := getattr(shop, setting)) is not None:
            given[setting], sources[setting] = value, here
    if shop.ca_file is not None and not _is_over_file("ca_file", sources):
        given["ca_file"], sources["ca_file"] = shop.ca_file, here
    if token is not None and "access_token" not in given:
        given["access_token"], sources["access_token"] = token.reveal(), token_by


def hook_shops(
    given: Mapping[str, object], in_file: Mapping[str, object], shops: Sequence[NamedShop]
) -> frozenset[str]:
    """Return which shots that a hook noted down are this process's, by the shop in their notes.

    One that names no shop is of the shop that the settings file has in use, whatever a flag or the
    environment of this process says; where the file has none, of whoever names none either.

    Args:
        given: settings by name, once `put_in_use` has seen to them.
        in_file: what the file says, without its tables.
        shops: those that have a name.
    """
    test = _is_on(given.get("test_shop"))
    address = _address(given)
    if test or address is None:
        by_default = _is_on(in_file.get("test_shop")) or (not test and "shop" not in given)
        return frozenset({TEST_SHOP, *([""] if by_default else [])})
    own = {shop.name for shop in shops if shop.address.casefold() == address}
    default = in_file.get("shop")
    if _is_on(in_file.get("test_shop")):
        unnamed = False
    elif isinstance(default, str):
        unnamed = default in own
    elif (flat := _address(in_file)) is not None:
        unnamed = flat == address
    else:
        unnamed = "shop" not in given
    return frozenset({*own, *([""] if unnamed else [])})


def _address(given: Mapping[str, object]) -> str | None:
    """Return where the shop is that settings name, as addresses compare."""
    hash_, url = given.get("store_hash"), given.get("store_url")
    address = api_address(
        hash_ if isinstance(hash_, str) else None, url if isinstance(url, str) else None
    )
    return None if address is None else address.casefold()


def _is_on(given: object) -> bool:
    try:
        return given is not None and switch(given)
    except WrongValue:
        return False


def _kept(
    shop: NamedShop, kept_token: Callable[[str], str | None], given: Mapping[str, object]
) -> str | None:
    """Return the token that the keyring has; where another place has one, it need not be asked."""
    try:
        return kept_token(shop.key)
    except ConfigError:
        if "access_token" in given:
            return None
        raise


TEST_SHOP: Final = "--test-shop"
"""What stands in a hook's note for the test shop: no shop can have that name."""

_OF_NO_NAME: Final = ("store_hash", "store_url", "access_token")


def _is_over_file(setting: str, sources: Mapping[str, Source]) -> bool:
    """Whether a flag says something of a setting, or a variable that is ours."""
    source = sources.get(setting)
    return source is not None and (
        source.kind is SourceKind.FLAG or source.detail.startswith("PIPELINE_")
    )


def _is_test_shop(given: dict[str, object], sources: dict[str, Source]) -> bool:
    """Whether it is the test shop, though a shop is named; where not, `test_shop` is put off."""
    try:
        if not switch(given.get("test_shop", False)):
            return False
    except WrongValue:
        return True  # it is said later that it makes no sense
    by, test_by = sources["shop"].kind, sources["test_shop"].kind
    if by is test_by is SourceKind.FLAG:
        raise ConfigError("give --shop or --test-shop, not both")
    if by > test_by:
        given["test_shop"], sources["test_shop"] = False, sources["shop"]
        return False
    return True


def _refuse_another_address(
    shop: NamedShop, given: Mapping[str, object], sources: Mapping[str, Source]
) -> None:
    setting = "store_url" if "store_url" in given else "store_hash"
    other = given.get(setting)
    if not isinstance(other, str):
        return
    url = other if setting == "store_url" else None
    address = api_address(other, url)
    if address is None or address.casefold() == shop.address.casefold():
        return
    place = sources[setting]
    what = place.detail if place.kind is SourceKind.ENVIRONMENT else f"{setting} in {place}"
    raise ConfigError(
        f"{what} means another shop than {shop.name!r}, which is in use by {sources['shop']}: "
        f"{_mended(place, setting, shop)}; or give that other shop a name (`pipeline shop add "
        "NAME`), and say --shop NAME"
    )


def _refuse_another_token(
    shop: NamedShop,
    token: Secret | None,
    given: Mapping[str, object],
    sources: Mapping[str, Source],
) -> None:
    other = given.get("access_token")
    if other is None:
        return
    place = sources["access_token"]
    if token is None and place.kind is not SourceKind.FILE:
        return
    if token is not None and token.reveal() == other:
        return
    what = place.detail if place.kind is SourceKind.ENVIRONMENT else f"access_token in {place}"
    raise ConfigError(
        f"{what} is not the access token of the shop {shop.name!r}, which is in use by "
        f"{sources['shop']}: {_mended(place, 'access_token', shop)}"
    )


def _mended(place: Source, setting: str, shop: NamedShop) -> str:
    if place.kind is SourceKind.ENVIRONMENT:
        return f"unset {place.detail} to work for {shop.name!r}"
    return f"take the line {setting} out, or put it below {shop.table}"


def _shop(name: str, table: Mapping[str, object], file: Path) -> NamedShop:
    where = f"{file} [shops.{name}]"
    try:
        values: dict[str, Any] = {"name": name_given(name)}
    except WrongValue as error:
        raise ConfigError(f"{where}: {error}") from error
    for setting, given in table.items():
        if (kind := SHOP_SETTINGS.get(setting)) is None:
            meant = nearest(setting, list(SHOP_SETTINGS))
            perhaps = "" if meant is None else f"; perhaps {meant} is meant"
            raise ConfigError(
                f"{where}: a shop has no {setting}{perhaps}; it has {', '.join(SHOP_SETTINGS)}"
            )
        try:
            values[setting] = kind(given)
        except WrongValue as error:
            raise ConfigError(f"{where}: {setting} is wrong: {error}") from error
    if ("store_hash" in values) == ("store_url" in values):
        raise ConfigError(
            f'{where}: it needs store_hash or store_url, one of them, as in store_hash = "abc123"'
        )
    return NamedShop(**values)
