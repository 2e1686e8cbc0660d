"""`pipeline login` and `logout`: the shop and its access token, put in once, and forgotten."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from pipeline.cli.credentials import (
    keep_token,
    say_what_goes_before,
    token_asked,
    try_token,
)
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import agreed_to, loaded
from pipeline.cli.terminal import say
from pipeline.errors import ConfigError
from pipeline.keyring_token import forget_in_keyring, token_in_keyring
from pipeline.setting_kinds import Secret, WrongValue
from pipeline.setting_words import nearest
from pipeline.settings import Settings, settings_file
from pipeline.settings_file import change_settings, read_settings
from pipeline.shops import SHOP_SETTINGS, api_address, name_given, shop_called, shop_named
from pipeline.store_address import StoreAddress, store_meant

__all__ = ["login", "logout"]

_ADDRESS: Final = ("store_hash", "store_url")
_TOKEN: Final = "access_token"  # noqa: S105 - its name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shop:
    """The shop that is meant, as the settings file has it by now."""

    file: Path
    name: str | None
    """None: the one that has no name."""

    said: Mapping[str, object]
    """What the file says of it; nothing of one that is new."""

    @property
    def key(self) -> str | None:
        """Under which the keyring has its token; None where nothing says which shop it is."""
        store = self.said.get("store_url") or self.said.get("store_hash")
        return store if isinstance(store, str) else None

    def change(self, changes: Mapping[str, object], besides: Mapping[str, object]) -> None:
        """Change what the file says of it, and other settings with it."""
        table = "" if self.name is None else f"shops.{self.name}."
        change_settings(
            self.file, {**{f"{table}{name}": value for name, value in changes.items()}, **besides}
        )


@click.command()
@click.argument("name", required=False)
@click.option(
    "--store",
    metavar="HASH|PATH",
    help="The shop's hash, or the API path as the shop shows it; else it is asked for.",
)
@click.option(
    "--token-stdin", is_flag=True, help="Read the access token from standard input, for scripts."
)
@common_options
def login(name: str | None, store: str | None, token_stdin: bool, **flags: object) -> int:
    """Put in the shop and its access token once, tried and kept for you alone.

    NAME is the name of a shop where there are several; without it the one in use is meant.
    The token is made in the shop's settings, as that of an API account with the scope “Products:
    modify”. It is asked for, and not shown while it is typed. Nothing is kept that does not work.
    The token goes into the system's keyring where there is one that works (the extra `keyring`),
    else into the settings file, which only you can read.
    """
    # What is set and does not fit together any more must not stand in the way.
    settings = loaded({**flags, "test_shop": True}).settings
    shop = _meant(name, settings, flags)
    setting, value = _store(store, shop)
    url = api_address(*(value if one == setting else None for one in _ADDRESS))
    assert url is not None  # noqa: S101 - one of them has it
    _refuse_another_name(shop, settings, url)
    token = token_asked(by_stdin=token_stdin)
    ca_file = shop.said.get("ca_file")
    if isinstance(ca_file, Path):
        settings = replace(settings, ca_file=ca_file)
    try_token(settings, StoreAddress(base_url=url, token=token.reveal()))
    _keep(shop, settings, setting, value, token)
    say_what_goes_before((*_ADDRESS, _TOKEN, "test_shop"))
    return EXIT_OK


@click.command()
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def logout(name: str | None, yes: bool, **flags: object) -> int:
    """Forget the shop's access token.

    It is removed from the system's keyring and from the settings file. What names the shop stays.
    NAME is the name of a shop where there are several; without it the one in use is meant.
    """
    settings = loaded({**flags, "test_shop": True}).settings
    shop = _meant(name, settings, flags)
    if name is not None and not shop.said:
        shop_called(name, settings.shops, "this call")
    in_keyring = shop.key is not None and token_in_keyring(shop.key) is not None
    in_file = _TOKEN in shop.said
    places = [*(["the system's keyring"] if in_keyring else []), *([str(shop.file)] * in_file)]
    if places:
        whose = "the shop" if shop.name is None else f"the shop {shop.name}"
        where = " and from ".join(places)
        agreed_to(f"Remove the access token of {whose} from {where}?", yes=yes)
        if in_keyring and shop.key is not None:
            forget_in_keyring(shop.key)
        if in_file:
            shop.change({_TOKEN: None}, {})
        say(f"The access token is removed from {where}.")
        say("In the shop it is still good: delete the API account there to end that.")
    else:
        say("No access token is kept here.")
    say_what_goes_before((_TOKEN,))
    return EXIT_OK


def _meant(name: str | None, settings: Settings, flags: Mapping[str, object]) -> _Shop:
    """Return the shop of a name; without one the shop in use, or the one that has no name.

    Raises:
        ConfigError: no shop can have that name.
    """
    config = flags.get("config")
    file = settings_file(flags, os.environ, config if isinstance(config, Path) else None)
    name = name or settings.shop
    if name is None:
        return _Shop(file=file, name=None, said=read_settings(file))
    try:
        name_given(name)
    except WrongValue as error:
        raise ConfigError(f"{name!r} is no name: {error}") from error
    known = shop_named(name, settings.shops)
    said = {
        one: value
        for one in SHOP_SETTINGS
        if known is not None and (value := getattr(known, one)) is not None
    }
    if known is None and nearest(name, [shop.name for shop in settings.shops]) is not None:
        shop_called(name, settings.shops, "this call")
    return _Shop(file=file, name=name, said=said)


def _store(given: str | None, shop: _Shop) -> tuple[str, str]:
    """Return which setting names the shop, and its value; a person is asked where none is given."""
    if given is not None:
        return store_meant(given)
    if not sys.stdin.isatty():
        if shop.key is None:
            raise click.UsageError("nobody can be asked here which shop: give --store HASH")
        return store_meant(shop.key)
    say(
        "The shop shows the API path with the API account, for example "
        "https://api.bigcommerce.com/stores/abc123/v3/; the store hash in it is abc123.",
        err=True,
    )
    while True:
        answer = click.prompt("Store hash or API path", default=shop.key, err=True)
        try:
            return store_meant(answer)
        except ConfigError as error:
            say(f"pipeline: {error}", err=True)


def _refuse_another_name(shop: _Shop, settings: Settings, url: str) -> None:
    """See that a shop gets no second name.

    Raises:
        ConfigError: it has another one already.
    """
    for other in settings.shops:
        if other.name != shop.name and other.address.casefold() == url.casefold():
            raise ConfigError(
                f"{url} has a name already: `pipeline login {other.name}` puts in its token"
            )


def _keep(shop: _Shop, settings: Settings, setting: str, value: str, token: Secret) -> None:
    """Keep the token where it is safest, and nowhere else; then which shop it is for."""
    kept = keep_token(value, token)
    changes: dict[str, object] = {one: value if one == setting else None for one in _ADDRESS}
    changes[_TOKEN] = kept.in_file
    unnamed = read_settings(shop.file)
    besides: dict[str, object] = {"test_shop": None} if unnamed.get("test_shop") else {}
    is_first = shop.name is not None and not settings.shops
    if is_first and settings.shop is None and not any(one in unnamed for one in _ADDRESS):
        besides["shop"] = shop.name
    shop.change(changes, besides)
    say(kept.sentence(setting, shop.file))
