"""The access token of a shop: asked for, tried at the shop, and kept where it is safest."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from pipeline.assembly import client_for
from pipeline.cli.doctor import NO_SCOPE
from pipeline.cli.options import say_aside
from pipeline.cli.terminal import say
from pipeline.errors import ConfigError, StoreDenied, StoreError, StoreRejected
from pipeline.keyring_token import keep_in_keyring
from pipeline.opening import remember_shop
from pipeline.setting_kinds import Secret, WrongValue
from pipeline.settings import ENVIRONMENT, Settings
from pipeline.shops import token_given
from pipeline.store_address import StoreAddress

__all__ = [
    "KeptToken",
    "keep_token",
    "say_what_goes_before",
    "token_asked",
    "token_from",
    "try_token",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptToken:
    """Where a token is kept: in the system's keyring, or else in the settings file."""

    in_file: Secret | None
    """What the settings file is to have: an older token there would go before the keyring."""

    trouble: str | None = None
    """Why the keyring does not have it, in words."""

    def sentence(self, what: str, file: Path) -> str:
        """Return what a person is told.

        Args:
            what: what the settings file has of the shop besides.
            file: the settings file.
        """
        if self.in_file is None:
            return f"Kept: the token in the system's keyring, and {what} in {file}."
        why = "" if self.trouble is None else f" ({self.trouble})"
        return f"Kept: the token and {what} in {file}, which only you can read{why}."


def token_asked(*, by_stdin: bool) -> Secret:
    """Return the token that a person types, or that a script hands over.

    Args:
        by_stdin: it is the first line of standard input, and nobody is asked.

    Raises:
        UsageError: nobody can be asked here.
        ConfigError: it cannot be a token; it is not shown.
    """
    if by_stdin:
        given = sys.stdin.readline()
    elif sys.stdin.isatty():
        given = click.prompt("Access token (it is not shown)", hide_input=True, err=True)
    else:
        raise click.UsageError(
            "nobody can be asked here for the access token: give --token-stdin, and the token on "
            "standard input"
        )
    return token_from(str(given).strip())


def token_from(given: object) -> Secret:
    """Return a token as it was given.

    Raises:
        ConfigError: it cannot be one; it is not shown.
    """
    try:
        return token_given(given)
    except WrongValue as error:
        raise ConfigError(f"the access token is wrong: {error}") from error


def try_token(
    settings: Settings, address: StoreAddress, *, denied: str = "", unreached: str = ""
) -> None:
    """See that the shop is there and the token good for what is done with it, and say so.

    Args:
        settings: in force.
        address: of the shop, with the token.
        denied: what else would mend it where the shop does not take the token, or it may not
            change products; a sentence.
        unreached: what else may be done where the shop cannot be asked; a sentence.

    Raises:
        ConfigError: it is not; why, and what would mend it. Nothing is to be kept then.
    """
    try:
        client = client_for(settings, address)
        client.probe()
        may_change = client.may_change()
    except StoreDenied as error:
        raise ConfigError(
            f"nothing is kept: the shop {address.base_url} does not take this token. Copy the "
            f"access token (not the client ID or secret) of the API account again ({error})"
            f"{_after(denied)}"
        ) from error
    except StoreRejected as error:
        raise ConfigError(
            f"nothing is kept: at {address.base_url} there is no shop. Copy the store hash again "
            f"({error})"
        ) from error
    except StoreError as error:
        raise ConfigError(
            f"nothing is kept: the shop {address.base_url} could not be asked: {error}"
            f"{_after(unreached)}"
        ) from error
    if not may_change:
        raise ConfigError(f"nothing is kept: {NO_SCOPE}{_after(denied)}")
    remember_shop(settings.home, address)
    say(f"The shop {address.base_url} answers, and the token may change its products.")


def keep_token(store: str, token: Secret) -> KeptToken:
    """Keep a token in the system's keyring where there is one that works.

    Args:
        store: the shop's hash, or its address where that is what is set.
        token: its access token.

    Returns:
        Where it is; where the keyring does not have it, the caller has to write it into the file.
    """
    trouble = keep_in_keyring(store, token.reveal())
    return KeptToken(in_file=None if trouble is None else token, trouble=trouble)


def say_what_goes_before(settings: Sequence[str]) -> None:
    """Say which variables of this shell go before what was kept just now.

    Args:
        settings: the names of the settings that were kept or removed.
    """
    variables = [ENVIRONMENT[name] for name in settings if os.environ.get(ENVIRONMENT[name])]
    if variables:
        one = len(variables) == 1
        say_aside(
            f"pipeline: in this shell {', '.join(variables)} {'is' if one else 'are'} set, which "
            f"{'goes' if one else 'go'} before what is kept: unset {' '.join(variables)}"
        )


def _after(sentence: str) -> str:
    return f". {sentence}" if sentence else ""
