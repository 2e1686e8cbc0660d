"""The shops of a home: which one is asked about, which others there are, and what was none.

An address that never answered is no shop, whatever was written down for it: it is told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import ConfigError
from pipeline.ledger import LedgerReader
from pipeline.opening import LOCAL_IDENTITY, missing_shop, name_at, shops_noted, test_shop_noted
from pipeline.settings import Settings
from pipeline.shops import api_address

__all__ = ["HomeShop", "all_shops", "never_answered", "shop_asked_about"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeShop:
    """A shop as people and programs are told of it; no token is needed for that."""

    identity: str | None
    """By what the ledger knows it; None: all that it holds, for no shop is set."""

    base_url: str | None
    """Its API; None for a test shop that was not started."""

    name: str | None = None
    answered: bool = True

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return self.identity is None or self.identity.startswith(LOCAL_IDENTITY)

    @property
    def is_test(self) -> bool:
        """Whether it is the test shop, not another one on this machine that is set."""
        return self.identity is not None and self.is_local and self.base_url is None

    @property
    def words(self) -> str:
        """What people call it: its name and its hash or host; without a name that alone."""
        if self.identity is None:
            return "all shops"
        if self.base_url is None:
            return "test shop on this machine"
        from pipeline.store_address import words_of

        return words_of(self.base_url, self.name)


def shop_asked_about(settings: Settings, reader: LedgerReader) -> tuple[HomeShop, str | None]:
    """Return the shop in force, as far as a question needs it; and what is missing of it, if so.

    Where no shop is set and there should be one, that is all that the ledger holds.

    Args:
        settings: in force.
        reader: of the ledger, about all stores.
    """
    try:
        missing = missing_shop(settings)
    except ConfigError as error:
        missing = str(error)
    url = None if settings.test_shop else api_address(settings.store_hash, settings.store_url)
    if url is not None:
        return _at(settings, url, _answered(settings, reader)), missing
    if missing is not None:
        return HomeShop(identity=None, base_url=None), missing
    return _test_shop(settings, reader), None


def all_shops(settings: Settings, reader: LedgerReader) -> Sequence[HomeShop]:
    """Return every shop of a home: those with a name first, then those that have answered.

    Args:
        settings: in force.
        reader: of the ledger, about all stores.
    """
    answered = _answered(settings, reader)
    asked, _ = shop_asked_about(settings, reader)
    shops = [_at(settings, shop.address, answered) for shop in settings.shops]
    if asked.identity is not None and (not asked.is_local or asked.base_url is not None):
        shops.append(asked)
    known = {shop.identity for shop in shops}
    shops += [
        HomeShop(identity=one, base_url=f"https://{one}")
        for one in answered
        if one not in known and not one.startswith(LOCAL_IDENTITY)
    ]
    # The test shop has rows, or is all that there is.
    local = [one for one in reader.stores() if one.startswith(LOCAL_IDENTITY) and one not in known]
    if local or not shops:
        test = _test_shop(settings, reader)
        shops += [test]
        shops += [HomeShop(identity=one, base_url=None) for one in local if one != test.identity]
    by_identity: dict[str | None, HomeShop] = {}
    for shop in shops:
        by_identity.setdefault(shop.identity, shop)
    return tuple(by_identity.values())


def never_answered(settings: Settings, reader: LedgerReader) -> Mapping[str, int]:
    """Return how many photographs are written down for each address that never answered.

    Args:
        settings: in force.
        reader: of the ledger, about all stores.
    """
    answered = _answered(settings, reader)
    return {
        one: number
        for one, number in reader.stores().items()
        if one not in answered and not one.startswith(LOCAL_IDENTITY)
    }


def _answered(settings: Settings, reader: LedgerReader) -> Sequence[str]:
    return tuple(dict.fromkeys((*shops_noted(settings.home), *reader.stores_that_answered())))


def _at(settings: Settings, url: str, answered: Sequence[str]) -> HomeShop:
    from pipeline.store_address import identity_of

    identity = identity_of(url)
    return HomeShop(
        identity=identity,
        base_url=url,
        name=name_at(settings, url),
        answered=identity in answered or identity.startswith(LOCAL_IDENTITY),
    )


def _test_shop(settings: Settings, reader: LedgerReader) -> HomeShop:
    noted = test_shop_noted(settings.home)
    if noted is None:
        # A ledger of an earlier version: the one that has most is it.
        local = (one for one in reader.stores() if one.startswith(LOCAL_IDENTITY))
        noted = next(local, LOCAL_IDENTITY)
    return HomeShop(identity=noted, base_url=None)
