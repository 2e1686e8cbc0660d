"""What only this shell's environment sets: a service sees nothing of it, so it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.errors import ConfigError
from pipeline.opening import address_of
from pipeline.setting_sources import SourceKind
from pipeline.settings import CONFIG_NAME, Loaded, load
from pipeline.settings_file import change_settings

__all__ = ["ShellSettings"]

_SHOP: Final = frozenset({"store_hash", "store_url", "access_token", "test_shop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellSettings:
    """What a service would not see, and what it would."""

    file: Path
    """The settings file that the service reads."""

    values: Mapping[str, object]
    """The settings that only the environment gives this value, by name."""

    variables: Mapping[str, str]
    """Where each of them comes from."""

    in_file: frozenset[str]
    """Those that the file gives another value."""

    shopless: str | None
    """Why the service would find no shop; None where it finds one, or is to use the test shop."""

    shop: str | None = None
    """The shop's name, with which the service is called; None where it has none."""

    @classmethod
    def of(cls, force: Loaded, config: Path | None, *, test_shop: bool) -> ShellSettings:
        """Compare what is in force here with what is without this environment.

        Args:
            force: what is in force here.
            config: the settings file, where it is not the one of the home folder.
            test_shop: the service is called with `--test-shop`.

        Raises:
            ConfigError: the settings file is wrong.
        """
        shop = None if force.settings.test_shop else force.settings.shop
        flags = {
            "home": str(force.settings.home),
            "test_shop": test_shop or None,
            "shop": shop,
        }
        seen = load(flags, {}, config)
        left = {
            name: getattr(force.settings, name)
            for name, source in force.sources.items()
            if source.kind is SourceKind.ENVIRONMENT and name != "home"
            if getattr(force.settings, name) != getattr(seen.settings, name)
        }
        try:
            found = seen.settings.test_shop or address_of(seen.settings) is not None
            shopless = None if found else "none is set"
        except ConfigError as error:
            shopless = str(error)
        return cls(
            file=config or force.settings.home / CONFIG_NAME,
            values=left,
            variables={name: force.sources[name].detail for name in left},
            in_file=frozenset(
                name for name in left if seen.sources[name].kind is not SourceKind.DEFAULT
            ),
            shopless=shopless,
            shop=shop,
        )

    @property
    def names(self) -> str:
        """The environment variables, in order, for a sentence."""
        return ", ".join(sorted(self.variables.values()))

    @property
    def has_the_shop(self) -> bool:
        """Whether it is these that say which shop, so that writing them down is of use for it."""
        return not _SHOP.isdisjoint(self.values)

    def trouble(self) -> str | None:
        """Say why a service would not work for the shop that this shell works for, else None."""
        of_shop = sorted(self.variables[name] for name in self.values if name in _SHOP)
        if of_shop:
            one = len(of_shop) == 1
            return (
                f"the service would not find the shop: {', '.join(of_shop)} "
                f"{'is' if one else 'are'} set in this shell alone, and the service sees nothing "
                f"of this shell. Give --write-settings to have {'it' if one else 'them'} written "
                f"into {self.file}, which only you can read"
            )
        if self.shopless is not None:
            return (
                f"the service would find no shop, for {self.shopless}: put one in with "
                "`pipeline login` first, or give --test-shop to use the test shop on this machine"
            )
        return None

    def write(self) -> None:
        """Write them into the settings file, which from then on only its owner may read.

        Raises:
            ConfigError: the file says something else of one of them, or cannot be written.
        """
        if self.in_file:
            names = ", ".join(sorted(self.in_file))
            raise ConfigError(
                f"{self.file} says something else of {names} than this shell does: change it "
                "there, or unset it here"
            )
        change_settings(
            self.file,
            {
                f"shops.{self.shop}.{name}" if name == "access_token" and self.shop else name: value
                for name, value in self.values.items()
            },
        )
