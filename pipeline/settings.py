"""Every setting, with its reason: flag over environment over file over default.

A value that is wrong is named with where it came from and what would be right.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from pipeline.errors import ConfigError
from pipeline.home import default_home
from pipeline.keyring_token import token_in_keyring
from pipeline.left_out import LEFT_OUT_FOLDERS
from pipeline.place_settings import PlaceSettings
from pipeline.setting_kinds import (
    Secret,
    Setting,
    WrongValue,
    about,
    number,
    one_of,
    path,
    switch,
    texts,
    whole,
)
from pipeline.setting_sources import Source, SourceKind
from pipeline.setting_words import unknown_name, written
from pipeline.settings_file import read_settings
from pipeline.shops import (
    TEST_SHOP,
    NamedShop,
    hash_given,
    hook_shops,
    name_given,
    named_shops,
    put_in_use,
    token_given,
    url_given,
)
from pipeline.values import EncodeSettings, Limits, Preset

__all__ = [
    "CONFIG_NAME",
    "CUSTOMARY",
    "ENVIRONMENT",
    "SETTINGS",
    "Loaded",
    "Settings",
    "judge",
    "judge_file",
    "load",
    "settings_file",
]

CONFIG_NAME: Final = "pipeline.toml"


@dataclass(frozen=True, kw_only=True)
class Settings(PlaceSettings):
    """What is in force. Bytes, pixels and seconds, as each description says."""

    home: Path = about(
        "the folder of our records, of prepared pictures, the test shop and the logs",
        path,
        made=lambda: Path(default_home()),
        example="~/photo-pipeline",
    )
    shop: str | None = about(
        "the shop in use, by its name in [shops.NAME]", name_given, default=None, example="main"
    )
    store_hash: str | None = about(
        "the shop's hash, as in its API path", hash_given, default=None, example="a1b2c3d4e5"
    )
    store_url: str | None = about(
        "another base address of the API, the whole of it up to /v3",
        url_given,
        default=None,
        example="https://api.bigcommerce.com/stores/HASH/v3",
    )
    access_token: Secret | None = about(
        "the shop's X-Auth-Token, with the scope “Products: modify”",
        token_given,
        default=None,
        example="…",
    )
    # A real one is never left aside unasked, once it has answered (`opening.missing_shop`).
    test_shop: bool = about(
        "use the test shop on this machine, whatever shop is set",
        switch,
        default=False,
        example=True,
    )
    # An office whose proxy looks into TLS has an authority of its own.
    ca_file: Path | None = about(
        "certificates (PEM) to trust for the shop, in place of the usual ones",
        path,
        default=None,
        example="/etc/ssl/office.pem",
    )
    # The store says "1 MB" and not whether that is 10^6 or 2^20: the smaller is always right.
    max_bytes: int = about(
        "bytes of an uploaded file, at most", whole(10_000, 8_000_000), default=1_000_000
    )
    # The store's largest rendition is 1280 pixels; 2048 leaves room for zoom and dense screens.
    longest_side: int = about(
        "pixels of an uploaded picture's longest side, at most", whole(64, 16_383), default=2048
    )
    # The largest studio cameras give 151 megapixels; what is beyond is an accident or an attack.
    most_pixels: int = about(
        "pixels of an original (width × height), at most", whole(1_000_000), default=160_000_000
    )
    recipe: Preset = about(
        "how pictures are made: best, or fast", one_of(tuple(Preset)), default=Preset.BEST
    )
    quality_best: int = about(
        "JPEG and WebP quality above which nothing visible is gained", whole(50, 100), default=97
    )
    # Below some 60, blocks and rings show around a product's edges.
    quality_floor: int = about(
        "JPEG and WebP quality below which a picture is refused", whole(1, 95), default=60
    )
    keep_copyright: bool = about(
        "keep copyright and creator when other metadata is removed", switch, default=True
    )
    include: tuple[str, ...] = about(
        "patterns as in .gitignore: only these files are taken from a folder; none: all",
        texts,
        default=(),
        example=("*.jpg",),
    )
    exclude: tuple[str, ...] = about(
        "patterns as in .gitignore: what is left out of a folder, as if it were not there",
        texts,
        default=(),
        example=("Rejected/", "*_draft.*"),
    )
    # What a studio has put aside is not what is to be sold.
    left_out_folders: tuple[str, ...] = about(
        "names of folders that are left out, whatever is in them",
        texts,
        default=LEFT_OUT_FOLDERS,
        example=("Rejected", "Trash"),
    )
    workers: int = about(
        "photographs prepared at once",
        whole(1, 64),
        made=lambda: max(1, min(os.cpu_count() or 2, 8)),
        example=4,
    )
    # Two photographs of 24 megapixels at once; below that a small machine would begin to swap.
    memory: int = about(
        "bytes that decoded pictures may take together", whole(100_000_000), default=320_000_000
    )
    memory_alone: int = about(
        "bytes that one picture may take that needs more, while no other is in hand",
        whole(100_000_000),
        default=800_000_000,
    )
    # It begins with three, and grows while the shop answers well and the quota is not used up: one
    # that takes three seconds an upload needs so many for 150 requests in 30 s.
    uploads: int = about(
        "uploads at once, at most, each of another product", whole(1, 64), default=16
    )
    # The slowest honest picture took some 20 s; what takes longer is made to.
    picture_timeout: float = about(
        "seconds that one picture may take to be made", number(above=0, most=3600), default=120.0
    )
    connect_timeout: float = about(
        "seconds to connect, or to hand over a piece of the body",
        number(above=0, most=300),
        default=15.0,
    )
    read_timeout: float = about(
        "seconds until the next piece of an answer", number(above=0, most=600), default=60.0
    )
    request_timeout: float = about(
        "seconds until an answer is there as a whole", number(above=0, most=1800), default=120.0
    )
    # A gateway may give up long before the store behind it does.
    settle_after: float = about(
        "seconds in which the shop may still finish a lost request",
        number(least=0, most=3600),
        default=60.0,
    )
    arrange_after: float = about(
        "seconds in which nothing new of a product came, after which a watcher puts it in order",
        number(least=0, most=86_400),
        default=30.0,
    )
    patience: float = about(
        "seconds without progress after which a run leaves the rest", number(least=0), default=150.0
    )
    # Programs that write a file in pieces without closing it pause for less than this.
    quiet_after: float = about(
        "seconds a watched file must rest before it is taken",
        number(least=0.05, most=3600),
        default=2.0,
    )
    # Closed, and open nowhere for writing: what is left are programs that write a note into it
    # at once. Two looks are taken, and the picture is proven whole all the same.
    quiet_after_close: float = about(
        "the same, in seconds, once its writer has closed it",
        number(least=0, most=3600),
        default=0.1,
    )
    # A network disk tells late of what others write there, and may show the last size first.
    quiet_on_share: float = about(
        "the same, in seconds, on a network disk", number(least=0.05, most=3600), default=10.0
    )
    whole_within: float = about(
        "seconds without a change until a watched file that is not whole is refused",
        number(least=0, most=86_400),
        default=120.0,
    )
    # A large picture over a slow network takes so long; one that stalls keeps it for a third of it.
    turn_within: float = about(
        "seconds in which a file that is being written keeps its place in its product",
        number(least=0, most=3600),
        default=60.0,
    )
    rescan_every: float = about(
        "seconds between two scans of a watched folder",
        number(least=0.5, most=86_400),
        default=60.0,
    )
    poll_every: float = about(
        "seconds between two looks at a folder that is polled",
        number(least=0.2, most=3600),
        default=5.0,
    )
    ask_again_every: float = about(
        "seconds until a watcher asks the shop again for products it did not know",
        number(least=1, most=86_400),
        default=3600.0,
    )
    # A mistake is mostly noticed within weeks; a month's uploads of a studio are some gigabytes.
    keep_for: int = about(
        "days for which uploaded pictures are kept, to put back what is deleted; 0: not at all",
        whole(0, 3650),
        default=30,
    )
    keep_bytes: int = about(
        "bytes of uploaded pictures that are kept, at most; the oldest go first",
        whole(0),
        default=20_000_000_000,
    )
    # More than that is rarely meant: a disk that is away, or a folder that was moved.
    most_removed: int = about(
        "per cent of ours that `run --mirror` removes at most, without --yes",
        whole(0, 100),
        default=20,
    )
    notify: bool = about(
        "show on this desktop what a watcher refuses (needs the extra `notify`)",
        switch,
        default=False,
        example=True,
    )
    quota_reserve: float = about(
        "share of the shop's quota that is left to its other apps",
        number(least=0, below=1),
        default=0.1,
    )
    shops: tuple[NamedShop, ...] = ()
    """Those that have a name, whichever is in use."""

    map_files: tuple[Path, ...] = ()
    """The CSV maps that the call named."""

    hook_shops: frozenset[str] = frozenset({"", TEST_SHOP})
    """The shops whose shots are taken in, as a hook's note names them; empty: it names none."""

    @property
    def limits(self) -> Limits:
        """What may come in and go up."""
        return Limits(
            max_bytes=self.max_bytes, longest_side=self.longest_side, most_pixels=self.most_pixels
        )

    @property
    def encoding(self) -> EncodeSettings:
        """How a picture is made."""
        return EncodeSettings(
            preset=self.recipe,
            quality_best=max(self.quality_best, self.quality_floor),
            quality_floor=self.quality_floor,
            keep_copyright=self.keep_copyright,
        )


_PLACES: Final = frozenset(one.name for one in fields(PlaceSettings))

SETTINGS: Final[Mapping[str, Setting]] = {
    one.name: one.metadata[""]
    for one in sorted(fields(Settings), key=lambda one: one.name in _PLACES)
    if one.metadata
}
"""Every setting, by name."""

ENVIRONMENT: Final[Mapping[str, str]] = {
    **{name: f"PIPELINE_{name.upper()}" for name in SETTINGS},
    "store_hash": "BIGCOMMERCE_STORE_HASH",
    "access_token": "BIGCOMMERCE_ACCESS_TOKEN",
}
"""The environment variable of each setting."""

CUSTOMARY: Final[Mapping[str, tuple[str, ...]]] = {
    "ca_file": ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""Variables that are set for other programs too, the first one first: our own file is over them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings, and for each where its value came from."""

    settings: Settings
    sources: Mapping[str, Source]


def load(
    flags: Mapping[str, object], environment: Mapping[str, str], config: Path | None = None
) -> Loaded:
    """Bring flags, environment, file and defaults together.

    Args:
        flags: values given on the command line; None where none was given.
        environment: the process's environment; an empty value counts as none. Where a store is
            named and no token, the keyring is asked for it.
        config: the settings file; `pipeline.toml` in the home folder where None, if it is there.

    Raises:
        ConfigError: a value is wrong, a name is unknown, or the file cannot be read.
    """
    given: dict[str, object] = {}
    sources: dict[str, Source] = {}
    by_flag = {name: value for name, value in flags.items() if value is not None}
    by_environment = {
        name: environment[variable]
        for name, variable in ENVIRONMENT.items()
        if environment.get(variable)
    }
    home = _home_in_force(flags, environment)
    file = config or home / CONFIG_NAME
    customary = {
        name: variable
        for name, variables in CUSTOMARY.items()
        for variable in variables[::-1]
        if environment.get(variable)
    }
    in_file = dict(_from_file(file, required=config is not None))
    shops = named_shops(in_file.pop("shops", {}), file)
    layers: tuple[tuple[Mapping[str, object], Callable[[str], Source]], ...] = (
        (
            {name: environment[variable] for name, variable in customary.items()},
            lambda name: Source(SourceKind.ENVIRONMENT, customary[name]),
        ),
        (
            in_file,
            lambda _: Source(SourceKind.FILE, str(file)),
        ),
        (by_environment, lambda name: Source(SourceKind.ENVIRONMENT, ENVIRONMENT[name])),
        (by_flag, lambda name: Source(SourceKind.FLAG, f"--{name.replace('_', '-')}")),
    )
    for values, source_of in layers:
        for name, value in values.items():
            given[name] = value
            sources[name] = source_of(name)
    given["home"] = home
    put_in_use(given, sources, shops, token_in_keyring, file)
    store = given.get("store_url") or given.get("store_hash")
    if isinstance(store, str) and "access_token" not in given:
        token = token_in_keyring(store)
        if token is not None:
            given["access_token"], sources["access_token"] = token, Source(SourceKind.KEYRING)
    settings = replace(
        _judged(given, sources), shops=shops, hook_shops=hook_shops(given, in_file, shops)
    )
    defaults = dict.fromkeys(SETTINGS, Source(SourceKind.DEFAULT))
    return Loaded(settings=settings, sources={**defaults, **sources})


def _judged(given: Mapping[str, object], sources: Mapping[str, Source]) -> Settings:
    """Return the settings of which these are given.

    Raises:
        ConfigError: some are wrong, and all of them are named; or there are none of that name.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    strange = [name for name in given if name not in SETTINGS]
    for name in (*(name for name in SETTINGS if name in given), *strange):
        try:
            values[name] = judge(name, given[name], sources.get(name, Source(SourceKind.DEFAULT)))
        except ConfigError as error:
            wrong.append(str(error))
    if wrong:
        raise ConfigError("; ".join(wrong))
    return Settings(**values)


def settings_file(
    flags: Mapping[str, object], environment: Mapping[str, str], config: Path | None = None
) -> Path:
    """Return which settings file is in force, with the arguments of `load`; it may be missing.

    Raises:
        ConfigError: the home folder cannot be found.
    """
    return config or _home_in_force(flags, environment) / CONFIG_NAME


def judge(name: str, given: object, source: Source) -> object:
    """Return the value of a setting as the program has it.

    Args:
        name: the setting's name.
        given: the value as a flag, the environment or the file gives it.
        source: where it comes from, for the sentence.

    Raises:
        ConfigError: there is no setting of that name, or it cannot have that value.
    """
    if name not in SETTINGS:
        raise ConfigError(f"{source}: {unknown_name(name, SETTINGS)}")
    setting = SETTINGS[name]
    try:
        if isinstance(given, Mapping):
            raise WrongValue("it has one value and is no table")
        return setting.kind(given)
    except WrongValue as error:
        raise ConfigError(
            f"the setting {name} from {source} is wrong: {error} ({setting.description}). "
            f"For example: {written(name, setting.example, source)}"
        ) from None


def judge_file(values: Mapping[str, object], file: Path) -> None:
    """See to it that a settings file may say what it says.

    Raises:
        ConfigError: some of it is wrong, and all of that is named.
    """
    _refuse_home(values, file)
    given = dict(values)
    sources = dict.fromkeys(given, Source(SourceKind.FILE, str(file)))
    put_in_use(given, sources, named_shops(given.pop("shops", {}), file), lambda store: None, file)
    _judged(given, sources)


def _from_file(file: Path, *, required: bool) -> Mapping[str, object]:
    values = read_settings(file, required=required)
    _refuse_home(values, file)
    return values


def _refuse_home(values: Mapping[str, object], file: Path) -> None:
    if "home" in values:
        raise ConfigError(f"the setting home cannot stand in {file}: give --home or PIPELINE_HOME")


def _home_in_force(flags: Mapping[str, object], environment: Mapping[str, str]) -> Path:
    text = str(flags.get("home") or environment.get(ENVIRONMENT["home"]) or default_home())
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise ConfigError(f"the home folder {text} cannot be found: whose home is ~?") from error
