"""Every setting, with its reason: flag over environment over file over default.

A value that is wrong is named with where it came from and what would be right.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from pipeline.errors import ConfigError
from pipeline.home import default_home
from pipeline.store_address import wrong_address, wrong_token
from pipeline.values import EncodeSettings, Limits, Preset

__all__ = [
    "CONFIG_NAME",
    "CUSTOMARY",
    "ENVIRONMENT",
    "Loaded",
    "Settings",
    "Source",
    "SourceKind",
    "load",
]

CONFIG_NAME: Final = "pipeline.toml"

KEYRING_SERVICE: Final = "photo-pipeline"
"""The keyring's name for us: `keyring set photo-pipeline STORE_HASH` keeps the token."""


class Settings(BaseModel):
    """What is in force. Bytes, pixels and seconds, as each description says."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    home: Path = Field(
        default_factory=lambda: Path(default_home()),
        description="where ledger, spool, local store and logs live",
    )
    store_hash: str | None = Field(
        None, pattern=r"^[A-Za-z0-9]+$", description="the store's hash, as in its API path"
    )
    store_url: str | None = Field(
        None, description="another base address of the API, the whole of it up to /v3"
    )
    access_token: SecretStr | None = Field(
        None, description="the store's X-Auth-Token, with the scope “Products: modify”"
    )
    # An office whose proxy looks into TLS has an authority of its own.
    ca_file: Path | None = Field(
        None, description="certificates (PEM) to trust for the shop, in place of the usual ones"
    )
    # The store says "1 MB" and not whether that is 10^6 or 2^20: the smaller is always right.
    max_bytes: int = Field(
        1_000_000, ge=10_000, le=8_000_000, description="bytes of an uploaded file, at most"
    )
    # The store's largest rendition is 1280 pixels; 2048 leaves room for zoom and dense screens.
    longest_side: int = Field(
        2048, ge=64, le=16_383, description="pixels of an uploaded picture's longest side, at most"
    )
    # The largest studio cameras give 151 megapixels; what is beyond is an accident or an attack.
    most_pixels: int = Field(
        160_000_000, ge=1_000_000, description="pixels of an original (width × height), at most"
    )
    recipe: Preset = Field(Preset.BEST, description="how pictures are made: best, or fast")
    quality_best: int = Field(
        97, ge=50, le=100, description="JPEG and WebP quality above which nothing visible is gained"
    )
    # Below some 60, blocks and rings show around a product's edges.
    quality_floor: int = Field(
        60, ge=1, le=95, description="JPEG and WebP quality below which a picture is refused"
    )
    keep_copyright: bool = Field(
        True, description="keep copyright and creator when other metadata is removed"
    )
    # Most numbers in names are dates, measures and counts, and shops have products of small ids.
    plain_ids: bool = Field(
        False, description="take bare numbers in folder and file names for product ids"
    )
    workers: int = Field(
        default_factory=lambda: max(1, min(os.cpu_count() or 2, 8)),
        ge=1,
        le=64,
        description="photographs prepared at once",
    )
    # Two photographs of 24 megapixels at once; below that a small machine would begin to swap.
    memory: int = Field(
        320_000_000, ge=100_000_000, description="bytes that decoded pictures may take together"
    )
    memory_alone: int = Field(
        800_000_000,
        ge=100_000_000,
        description="bytes that one picture may take that needs more, while no other is in hand",
    )
    # Uploading waits for the network: more than the processors would do, fewer than would crowd.
    uploads: int = Field(4, ge=1, le=32, description="uploads at once, each of another product")
    # The slowest honest picture took some 20 s; what takes longer is made to.
    picture_timeout: float = Field(
        120.0, gt=0, le=3600, description="seconds that one picture may take to be made"
    )
    connect_timeout: float = Field(
        15.0, gt=0, le=300, description="seconds to connect, or to hand over a piece of the body"
    )
    read_timeout: float = Field(
        60.0, gt=0, le=600, description="seconds until the next piece of an answer"
    )
    request_timeout: float = Field(
        120.0, gt=0, le=1800, description="seconds until an answer is there as a whole"
    )
    # A gateway may give up long before the store behind it does.
    settle_after: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="seconds in which the store may still finish a lost request",
    )
    patience: float = Field(
        150.0, ge=0, description="seconds without progress after which a run leaves the rest"
    )
    # Programs that write a file in pieces without closing it pause for less than this.
    quiet_after: float = Field(
        2.0, ge=0.05, le=3600, description="seconds a watched file must rest before it is taken"
    )
    # Closed, and open nowhere for writing: what is left are programs that write a note into it
    # at once. Two looks are taken, and the picture is proven whole all the same.
    quiet_after_close: float = Field(
        0.1, ge=0, le=3600, description="the same, in seconds, once its writer has closed it"
    )
    # A network disk tells late of what others write there, and may show the last size first.
    quiet_on_share: float = Field(
        10.0, ge=0.05, le=3600, description="the same, in seconds, on a network disk"
    )
    whole_within: float = Field(
        120.0,
        ge=0,
        le=86_400,
        description="seconds without a change until a watched file that is not whole is refused",
    )
    # A large picture over a slow network takes so long; one that stalls keeps it for a third of it.
    turn_within: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="seconds in which a file that is being written keeps its place in its product",
    )
    rescan_every: float = Field(
        60.0, ge=0.5, le=86_400, description="seconds between two scans of a watched folder"
    )
    poll_every: float = Field(
        5.0, ge=0.2, le=3600, description="seconds between two looks at a folder that is polled"
    )
    ask_again_every: float = Field(
        3600.0,
        ge=1,
        le=86_400,
        description="seconds until a watcher asks the shop again for products it did not know",
    )
    notify: bool = Field(
        False, description="show on this desktop what a watcher refuses (needs the extra `notify`)"
    )
    quota_reserve: float = Field(
        0.1, ge=0, lt=1, description="share of the store's quota that is left to its other apps"
    )

    @field_validator("store_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None and (wrong := wrong_address(url.rstrip("/"))):
            raise ValueError(wrong)
        return url

    @field_validator("ca_file")
    @classmethod
    def _is_absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else Path(os.path.expanduser(path)).absolute()  # noqa: PTH111

    @field_validator("access_token")
    @classmethod
    def _is_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and (wrong := wrong_token(token.get_secret_value())):
            raise ValueError(wrong)
        return token

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


ENVIRONMENT: Final[Mapping[str, str]] = {
    **{name: f"PIPELINE_{name.upper()}" for name in Settings.model_fields},
    "store_hash": "BIGCOMMERCE_STORE_HASH",
    "access_token": "BIGCOMMERCE_ACCESS_TOKEN",
}
"""The environment variable of each setting."""

CUSTOMARY: Final[Mapping[str, tuple[str, ...]]] = {
    "ca_file": ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""Variables that are set for other programs too, the first one first: our own file is over them."""


class SourceKind(Enum):
    """Where a setting's value may come from."""

    DEFAULT = auto()
    FILE = auto()
    ENVIRONMENT = auto()
    FLAG = auto()
    KEYRING = auto()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from; `detail` is the file, the variable's name, or the flag."""

    kind: SourceKind
    detail: str = ""

    def __str__(self) -> str:
        """Return it in words, as a sentence or a table names it."""
        match self.kind:
            case SourceKind.ENVIRONMENT:
                return f"environment variable {self.detail}"
            case SourceKind.FLAG:
                return f"flag {self.detail}"
            case SourceKind.FILE:
                return self.detail
            case SourceKind.KEYRING:
                return "the keyring"
            case SourceKind.DEFAULT:
                return "default"


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
    home = _home(str(by_flag.get("home") or by_environment.get("home") or default_home()))
    file = config or home / CONFIG_NAME
    customary = {
        name: variable
        for name, variables in CUSTOMARY.items()
        for variable in variables[::-1]
        if environment.get(variable)
    }
    layers: tuple[tuple[Mapping[str, object], Callable[[str], Source]], ...] = (
        (
            {name: environment[variable] for name, variable in customary.items()},
            lambda name: Source(SourceKind.ENVIRONMENT, customary[name]),
        ),
        (
            _read(file, required=config is not None),
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
    store = given.get("store_url") or given.get("store_hash")
    if isinstance(store, str) and "access_token" not in given:
        token = _token_in_keyring(store)
        if token is not None:
            given["access_token"], sources["access_token"] = token, Source(SourceKind.KEYRING)
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        raise ConfigError(_explain(error, sources)) from None
    defaults = dict.fromkeys(Settings.model_fields, Source(SourceKind.DEFAULT))
    return Loaded(settings=settings, sources={**defaults, **sources})


def _home(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise ConfigError(f"the home folder {text} cannot be found: whose home is ~?") from error


def _read(file: Path, *, required: bool) -> Mapping[str, object]:
    try:
        text = file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        if required:
            raise ConfigError(f"the settings file {file} is not there") from None
        return {}
    except OSError as error:
        raise ConfigError(
            f"the settings file {file} cannot be read: {error.strerror or type(error).__name__}"
        ) from error
    except UnicodeError as error:
        raise ConfigError(f"the settings file {file} is no text in UTF-8") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the settings file {file} is no TOML: {error}") from error
    if "home" in values:
        raise ConfigError(f"the setting home cannot stand in {file}: give --home or PIPELINE_HOME")
    if "access_token" in values and os.name == "posix" and file.stat().st_mode & 0o077:
        raise ConfigError(
            f"the settings file {file} holds the access token and others may read it: "
            f"chmod 600 {file}"
        )
    return values


def _token_in_keyring(store: str) -> str | None:
    """Return the token that the keyring keeps for a store; an extra, asked where nothing names one.

    Args:
        store: the store's hash, or its address where that is what is set.

    Returns:
        None where it keeps none, or the extra `keyring` is not installed.

    Raises:
        ConfigError: there is a keyring, and it cannot be asked.
    """
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, store)
    except NoKeyringError:
        return None
    except KeyringError as error:
        raise ConfigError(
            f"the keyring cannot be asked for the access token ({type(error).__name__}): "
            "unlock it, or set BIGCOMMERCE_ACCESS_TOKEN"
        ) from None


def _explain(error: ValidationError, sources: Mapping[str, Source]) -> str:
    sentences: list[str] = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else "?"
        source = sources.get(name, "?")
        field: Any = Settings.model_fields.get(name)
        if field is None:
            known = ", ".join(sorted(Settings.model_fields))
            sentences.append(f"{source}: there is no setting {name}; there are {known}")
            continue
        said = str(problem["msg"]).removeprefix("Value error, ")
        wrong = re.sub(r"^(Input|String|Value)", "it", said)
        if problem["type"] == "string_pattern_mismatch":
            wrong = "it should be letters and digits alone"
        sentences.append(
            f"the setting {name} from {source} is wrong: {wrong} ({field.description})"
        )
    return "; ".join(sentences)
