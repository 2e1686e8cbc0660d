"""`pipeline shop`: the shops that have a name, which is in use, and addresses that are none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from pipeline.cli.credentials import (
    KeptToken,
    keep_token,
    say_what_goes_before,
    token_asked,
    token_from,
    try_token,
)
from pipeline.cli.groups import Group
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import agreed_to, json_array, loaded, print_json_array, say_aside
from pipeline.cli.terminal import say
from pipeline.errors import ConfigError
from pipeline.home_shops import HomeShop, all_shops, never_answered, shop_asked_about
from pipeline.hook.inbox import clear_current_product, current_product
from pipeline.keyring_token import forget_in_keyring, token_in_keyring
from pipeline.opening import forgetting_for, reader_for, shops_noted
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import photographs
from pipeline.setting_kinds import Secret, WrongValue
from pipeline.settings import Settings, settings_file
from pipeline.settings_file import change_settings, read_settings
from pipeline.shops import (
    NamedShop,
    api_address,
    hash_given,
    name_given,
    named_shops,
    shop_called,
    shop_named,
    url_given,
)
from pipeline.store_address import StoreAddress
from pipeline.wording import plain

__all__ = ["shop"]

_OF_NO_NAME = ("store_hash", "store_url", "access_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the settings file says of shops."""

    file: Path
    values: Mapping[str, Any]
    """What stands outside of their tables."""

    shops: Sequence[NamedShop]

    @classmethod
    def of(cls, flags: Mapping[str, object]) -> _Kept:
        """Read it.

        Raises:
            ConfigError: the file is wrong.
        """
        config = flags.get("config")
        file = settings_file(flags, os.environ, config if isinstance(config, Path) else None)
        values = read_settings(file)
        shops = named_shops(values.pop("shops", {}), file)
        return cls(file=file, values=values, shops=shops)

    @property
    def unnamed(self) -> str | None:
        """The address of the shop that it has without a name; None where it has none."""
        return api_address(self.values.get("store_hash"), self.values.get("store_url"))


@click.group(cls=Group)
def shop() -> None:
    """Name shops, and say which is in use."""


@shop.command()
@click.argument("name")
@click.argument("store_hash", metavar="[HASH]", required=False)
@click.option("--url", "store_url", help="The address of its API up to /v3, instead of a hash.")
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Certificates (PEM) to trust for this shop, in place of the usual ones.",
)
@click.option(
    "--token-stdin", is_flag=True, help="Read the access token from standard input, for scripts."
)
@click.option(
    "--no-try", is_flag=True, help="Keep it untried: this computer is not on the net yet."
)
@common_options
def add(
    name: str,
    store_hash: str | None,
    store_url: str | None,
    ca_file: Path | None,
    token_stdin: bool,
    no_try: bool,
    **flags: object,
) -> int:
    """Give a shop a NAME, by its store HASH (as in its API path) or --url.

    The access token is asked for, and not shown while it is typed. The shop and the token are
    tried, and nothing is kept that does not work. The token goes into the system's keyring where
    there is one that works (the extra `keyring`), else into the settings file, which only you can
    read. One that is in the keyring already is not asked for: `pipeline login NAME` puts in
    another. The first shop that has a name is the one in use. A shop that is set without a name
    gets this one.
    """
    if store_hash is not None and store_url is not None:
        raise click.UsageError("give HASH or --url, not both")
    kept = _Kept.of(flags)
    wanted = _named(kept, name, store_hash, store_url)
    takes_over = kept.unnamed is not None and _same(kept.unnamed, wanted.address)
    token, is_new = _token(kept, wanted, token_stdin, takes_over=takes_over)
    if not no_try:
        _try(kept, wanted, token, ca_file, is_new=is_new, flags=flags)
    table = f"shops.{wanted.name}"
    changes: dict[str, object] = {
        f"{table}.{setting}": getattr(wanted, setting) for setting in ("store_hash", "store_url")
    }
    place = keep_token(wanted.key, token) if is_new else KeptToken(in_file=None)
    changes[f"{table}.access_token"] = place.in_file
    if ca_file is not None:
        changes[f"{table}.ca_file"] = str(ca_file.absolute())
    in_use = kept.values.get("shop")
    if takes_over:
        changes |= {one: None for one in _OF_NO_NAME if one in kept.values}
    if in_use is None and (takes_over or kept.unnamed is None):
        changes["shop"] = in_use = wanted.name
    change_settings(kept.file, changes)
    say(place.sentence(f"the shop {wanted.name}", kept.file))
    if in_use == wanted.name:
        say(f"It is in use.{f' Try it: pipeline doctor --shop {name}' if no_try else ''}")
    else:
        say(f"To work for it: --shop {wanted.name} with a command, or pipeline shop use {name}")
    say_what_goes_before(("shop", *_OF_NO_NAME))
    return EXIT_OK


@shop.command()
@click.argument("name")
@common_options
def use(name: str, **flags: object) -> int:
    """Have the commands that follow work for the shop NAME.

    A watcher that runs, and the service, stay at the shop with which they began.
    """
    kept = _Kept.of(flags)
    meant = shop_called(name, kept.shops, "as NAME")
    if kept.unnamed is not None:
        raise ConfigError(
            f"{kept.file} sets a shop without a name ({kept.unnamed}), too: give it one first "
            f"(`pipeline shop add NAME {kept.values.get('store_hash', '--url URL')}`)"
        )
    before = kept.values.get("shop")
    change_settings(kept.file, {"shop": meant.name})
    say(f"In use: {meant.name} ({meant.key})")
    home = str(loaded({**flags, "test_shop": True}).settings.home)
    if before != meant.name and current_product(home):
        # It was said of the other shop's products.
        clear_current_product(home)
        say("Nothing is on the table any more: it was a product of the other shop.")
    say_what_goes_before(("shop", *_OF_NO_NAME))
    return EXIT_OK


@shop.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def remove(name: str, yes: bool, **flags: object) -> int:
    """Forget the settings of the shop NAME, its access token too.

    What was uploaded stays known, and nothing changes in the shop.
    """
    kept = _Kept.of(flags)
    meant = shop_called(name, kept.shops, "as NAME")
    was_in_use = kept.values.get("shop") == meant.name
    say(f"{meant.table} in {kept.file}: {meant.key}{', the one in use' if was_in_use else ''}")
    agreed_to(f"Remove the shop {meant.name} from the settings?", yes=yes)
    changes: dict[str, object] = {f"shops.{meant.name}": None}
    if was_in_use:
        changes["shop"] = None
    change_settings(kept.file, changes)
    say(f"Removed: {meant.name}. What was uploaded to it stays known.")
    if forget_in_keyring(meant.key):
        say("Its access token is removed from the system's keyring.")
    left = [one.name for one in kept.shops if one.name != meant.name]
    if was_in_use and left:
        say(f"No shop is in use now: pipeline shop use {left[0]}")
    return EXIT_OK


@shop.command(name="list")
@json_array
@common_options
def list_shops(as_json: bool, **flags: object) -> int:
    """List the shops of this home: those that have a name, and others that have answered."""
    settings = loaded({**flags, "test_shop": None}).settings
    with reader_for(settings, None, say_aside) as reader:
        asked, missing = shop_asked_about(settings, reader)
        shops = all_shops(settings, reader)
        numbers = reader.stores()
        silent = never_answered(settings, reader)
    in_use = None if missing is not None and asked.identity is None else asked.identity
    if as_json:
        print_json_array(
            Document.SHOPS, (_document(one, in_use, numbers, settings) for one in shops)
        )
        return EXIT_OK
    for one in shops:
        mark = "*" if one.identity == in_use else " "
        notes = [photographs(numbers.get(one.identity or "", 0)), *_notes(one, settings)]
        say(plain(f"{mark} {one.words}: {', '.join(notes)}"))
    for address, number in silent.items():
        if address not in {one.identity for one in shops}:
            say(
                plain(
                    f"No shop: {address}, {photographs(number)}, never answered "
                    f"(`pipeline shop forget {address}`)"
                )
            )
    if missing is not None:
        say_aside(f"pipeline: {plain(missing)}")
    return EXIT_OK


@shop.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def forget(address: str, yes: bool, **flags: object) -> int:
    """Drop what is written down for an ADDRESS that never answered.

    As after a mistyped store hash. Your files stay as they are. `pipeline shop list` shows such
    addresses. What may have reached a shop is never dropped.
    """
    settings = loaded({**flags, "test_shop": True}).settings
    with reader_for(settings, None, say_aside) as reader:
        numbers = reader.stores()
    identity = _identity(address, list(numbers))
    if identity is None:
        raise click.UsageError(
            f"nothing is written down for {address}: `pipeline shop list` shows the addresses"
        )
    with forgetting_for(settings, say_aside) as forgetting:
        why = "it has answered" if identity in shops_noted(settings.home) else None
        if (why := why or forgetting.why_not(identity)) is not None:
            raise click.UsageError(f"{identity} is not dropped: {why}")
        say(f"{identity}: {photographs(numbers[identity])}, nothing of them was sent.")
        agreed_to(f"Drop {photographs(numbers[identity])}?", yes=yes)
        gone = sum(forgetting.forget(identity))
    say(f"Dropped: {photographs(gone)}. The files are where they were.")
    return EXIT_OK if gone == numbers[identity] else EXIT_TROUBLE


def _named(kept: _Kept, name: str, hash_: str | None, url: str | None) -> NamedShop:
    """Return the shop that is to have a name; its hash is asked for where nothing says it."""
    try:
        name_given(name)
        before = shop_named(name, kept.shops)
        if before is not None and hash_ is None and url is None:
            return before
        if hash_ is None and url is None:
            if not sys.stdin.isatty():
                raise click.UsageError("nobody can be asked here which shop: give HASH or --url")
            say("The store hash stands in the API path: /stores/HASH/v3.", err=True)
            hash_ = click.prompt("Store hash", err=True).strip()
        wanted = NamedShop(
            name=name,
            store_hash=None if hash_ is None else hash_given(hash_),
            store_url=None if url is None else url_given(url),
        )
    except WrongValue as error:
        raise click.UsageError(str(error)) from error
    if before is not None and _same(before.address, wanted.address):
        # It stays as it is written: that is also by what the keyring knows its token.
        return before
    for other in kept.shops:
        if other.name == name:
            raise click.UsageError(
                f"{name} is another shop already ({other.key}): take another name, or "
                f"`pipeline shop remove {name}` first"
            )
        if _same(other.address, wanted.address):
            raise click.UsageError(f"this shop has a name already: {other.name}")
    return wanted


def _token(
    kept: _Kept, wanted: NamedShop, by_stdin: bool, *, takes_over: bool
) -> tuple[Secret, bool]:
    """Return the shop's token, and whether it has yet to be kept: the keyring may have it."""
    if not by_stdin:
        if takes_over and "access_token" in kept.values:
            return token_from(kept.values["access_token"]), True
        before = shop_named(wanted.name, kept.shops)
        # A token in the file goes before the keyring, and may be the one that is to be another.
        is_in_file = before is not None and before.access_token is not None
        if not is_in_file and (there := token_in_keyring(wanted.key)) is not None:
            return Secret(there), False
    return token_asked(by_stdin=by_stdin), True


def _try(
    kept: _Kept,
    wanted: NamedShop,
    token: Secret,
    ca_file: Path | None,
    *,
    is_new: bool,
    flags: Mapping[str, object],
) -> None:
    """See that the shop takes the token, by the certificates that are trusted for it."""
    # What is set and does not fit together any more must not stand in the way.
    settings = loaded({**flags, "test_shop": True}).settings
    before = shop_named(wanted.name, kept.shops)
    if ca_file is None and before is not None:
        ca_file = before.ca_file
    if ca_file is not None:
        settings = replace(settings, ca_file=ca_file)
    login = f"pipeline login {wanted.name} --store {wanted.key}"
    another = f"This token was in the keyring already: `{login}` puts in another"
    try_token(
        settings,
        StoreAddress(base_url=wanted.address, token=token.reveal(), name=wanted.name),
        denied="" if is_new else another,
        unreached="If this computer is not on the net yet, --no-try keeps them untried",
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _identity(address: str, known: Sequence[str]) -> str | None:
    """Return which store of the ledger somebody means: its identity, its address or its hash."""
    bare = address.partition("://")[2] or address
    usual = f"api.bigcommerce.com/stores/{address}/v3"
    meant = {bare.rstrip("/").casefold(), usual.casefold()}
    found = [one for one in known if one.casefold() in meant or one.partition("/")[0] in meant]
    return found[0] if len(found) == 1 else None


def _notes(one: HomeShop, settings: Settings) -> list[str]:
    notes = [] if one.answered else ["has never answered"]
    named = shop_named(one.name, settings.shops)
    if one.name is None and not one.is_local:
        notes.append("without a name")
    if named is not None and _kept_token(named) is None:
        notes.append("no access token")
    return notes


def _kept_token(named: NamedShop) -> str | None:
    """Return where the token of a shop is kept; None where it is not."""
    if named.access_token is not None:
        return "settings file"
    return None if token_in_keyring(named.key) is None else "keyring"


def _document(
    one: HomeShop, in_use: str | None, numbers: Mapping[str, int], settings: Settings
) -> dict[str, Any]:
    named = shop_named(one.name, settings.shops)
    return {
        "store": store_document(one),
        "in_use": one.identity == in_use,
        "answered": one.answered,
        "token": None if named is None else _kept_token(named),
        "photographs": numbers.get(one.identity or "", 0),
    }
