"""The frozen values that pass between rooms.

Pixels are width × height, sizes are bytes, times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pipeline.captions import Captions
from pipeline.lifecycle import Reason, State
from pipeline.placement import Placement, Rule

__all__ = [
    "Arrival",
    "Claim",
    "Door",
    "EncodeReport",
    "EncodeSettings",
    "HistoryLine",
    "ImageFormat",
    "Inspection",
    "KnownFile",
    "Limits",
    "Meeting",
    "MetImage",
    "Original",
    "Photo",
    "Picture",
    "Placement",
    "Preset",
    "ProductImages",
    "ProductName",
    "Profile",
    "Receipt",
    "Rule",
    "RunFile",
    "RunReport",
    "SendRecord",
    "Step",
    "StoredImage",
    "Tally",
]


class Door(StrEnum):
    """How a photograph came in."""

    RUN = "run"
    WATCH = "watch"
    HOOK = "hook"


class ImageFormat(StrEnum):
    """The seven formats that the store takes."""

    BMP = "BMP"
    GIF = "GIF"
    JPEG = "JPEG"
    PNG = "PNG"
    WBMP = "WBMP"
    WEBP = "WEBP"
    XBM = "XBM"

    @property
    def suffix(self) -> str:
        """The usual file name suffix, with its dot."""
        return ".jpg" if self is ImageFormat.JPEG else f".{self.value.lower()}"


class Profile(StrEnum):
    """What an image says about its colour space."""

    UNTAGGED = "untagged"
    SRGB = "srgb"
    OTHER = "other"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A file that somebody put before the program.

    `root` is the folder that was named (or the file's own folder): names above it say nothing
    about the product. `product_id` and `sku` are what the caller said of it, if anything;
    `from_current_product` is true where they are the product that was set when it was shot.
    `copy` holds its bytes as they were then, where they were copied: by now another shot may lie
    at its path. `stamp` is the file's, as it was found, where it may be known by that.
    `in_haste`: it is a next shot, and goes before a backlog. `table_since`: when it was said last
    what is on the table, of a shot that a hook noted down.
    """

    path: Path
    root: Path
    door: Door
    seen_at: datetime
    product_id: int | None = None
    sku: str | None = None
    from_current_product: bool = False
    copy: Path | None = None
    stamp: str | None = None
    in_haste: bool = False
    table_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductName:
    """What the store calls a product: its own SKU, and its name; each may be empty."""

    sku: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A photograph as it lies on disk: its content by SHA-256, its size in bytes, its place.

    `kept` is where its bytes are read, where they are kept for it; else that is its path. `stamp`
    is the one that its file had while it was digested, where that proves its content. `captions` is
    what its metadata say in words, where it was looked into.
    """

    sha256: str
    size: int
    path: Path
    root: Path
    sku: str | None = None
    from_current_product: bool = False
    placement: Placement | None = None
    kept: Path | None = None
    stamp: str | None = field(default=None, compare=False)
    captions: Captions | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an arrival turned out to be, to be written down.

    Attributes:
        arrival: the file.
        original: its content; None where it could not even be read, or is known without.
        reason: why it could not be read.
        sentence: the same for people.
        known: the photograph that it is, where it is known without being read.
    """

    arrival: Arrival
    original: Original | None = None
    reason: Reason | None = None
    sentence: str = ""
    known: KnownFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """A file that is as it was when it was taken in, and of whose photograph nothing is to be done.

    `listed` is true where its arrival is written down, for the report to tell of it.
    """

    photo_id: str
    state: State
    listed: bool = False


class Oddity(StrEnum):
    """What is unusual in a file whose picture is whole all the same; it does not go up."""

    BYTES_BETWEEN = "bytes-between"
    DAMAGED_NOTES = "damaged-notes"
    BROKEN_ANIMATION = "broken-animation"
    NO_END_MARK = "no-end-mark"
    OPEN_ANIMATION = "open-animation"
    BIT_MASKS = "bit-masks"
    LONG_PALETTE = "long-palette"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What the header and the structure of a file say, without decoding its pixels.

    Attributes:
        format: by content, never by name.
        width: pixels as stored, before the EXIF orientation is applied.
        height: pixels as stored, before the EXIF orientation is applied.
        orientation: EXIF orientation, 1 to 8; 1 where none is given.
        mode: Pillow's mode (`RGB`, `CMYK`, `I;16` …).
        bit_depth: bits a sample.
        profile: what the embedded ICC profile says.
        frames: pictures in an animation, 1 for a still.
        private: location, owner, serial number, maker notes or an embedded thumbnail is there.
        trailing: bytes lie behind the end of the picture (or more pictures, as in an MPO).
        oddities: what else is unusual, each once.
        captions: what its metadata say in words; None where they say nothing, or once its product
            and its words are known.
    """

    format: ImageFormat
    width: int
    height: int
    orientation: int
    mode: str
    bit_depth: int
    profile: Profile
    frames: int
    private: bool
    trailing: bool
    oddities: tuple[Oddity, ...] = ()
    captions: Captions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may come in and what may go up; each default's reason is at its setting.

    Bytes for sizes; pixels for `longest_side` and `most_pixels` (width × height × frames for one
    frame: a decode of more than this is refused as a decompression bomb).
    """

    max_bytes: int = 1_000_000
    longest_side: int = 2048
    most_pixels: int = 160_000_000
    most_frames: int = 5_000
    most_original_bytes: int = 1_000_000_000


class Preset(StrEnum):
    """What a picture is made for."""

    BEST = "best"
    """The best that fits."""
    FAST = "fast"
    """A backlog: half the processor's time, for a little less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSettings:
    """How a picture is made.

    Attributes:
        preset: the best that fits, or nearly that in half the time.
        quality_best: the JPEG and WebP quality above which nothing visible is gained, 1–100.
        quality_floor: the quality below which a picture is refused rather than sent, 1–100.
        keep_copyright: keep copyright and creator when other metadata is removed.
    """

    preset: Preset = Preset.BEST
    quality_best: int = 97
    quality_floor: int = 60
    keep_copyright: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeReport:
    """How a picture came to be what it is.

    Attributes:
        scale: its longest side as a share of the original's, 1 where no pixel was given up.
        decoded: the share of the original's side that was decoded: 1, 1/2, 1/4 or 1/8.
        resampling: how it was reduced, empty where it was not.
        chroma: `4:4:4`, `4:2:0` or `grey` for a JPEG, else empty.
        quality: of the encoder, 1–100; None where nothing was lost.
        encodes: how often the whole was encoded, 0 where its bytes or pixels are the original's.
        why: why this format, in a phrase.
    """

    scale: float = 1.0
    decoded: float = 1.0
    resampling: str = ""
    chroma: str = ""
    quality: float | None = None
    encodes: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What goes up: within the limits, upright, sRGB, lying in the spool under its SHA-256.

    `passthrough` is true where it is the original byte for byte; `work` tells in short phrases
    what was done (`"turned upright"`, `"6000 × 4000 → 2048 × 1365"`, `"JPEG quality 91"`), and
    `encode_report` in figures (None for a picture that an earlier version made). `likeness` is the
    SHA-256 of all in the original that says what is shown and how: files with the same one show the
    same; None where nobody can tell what in the file that is.
    """

    sha256: str
    spool_name: str
    size: int
    width: int
    height: int
    format: ImageFormat
    upload_name: str
    passthrough: bool
    work: tuple[str, ...]
    encode_report: EncodeReport | None = None
    likeness: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """The store's record of an image, as it answered."""

    id: int
    product_id: int
    image_file: str
    is_thumbnail: bool
    sort_order: int
    description: str
    url_zoom: str
    url_standard: str
    url_thumbnail: str
    url_tiny: str
    date_modified: str

    @property
    def modified(self) -> datetime | None:
        """When it was made or changed last, as the store says; None where that is no date."""
        try:
            moment = datetime.fromisoformat(self.date_modified)
        except ValueError:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class Meeting(StrEnum):
    """How an image in the store that carries our mark is not as the ledger has it."""

    OTHER_LEDGER = "other_ledger"
    """It is no photograph that this ledger knows: another one sent it."""
    TWICE = "twice"
    """Its photograph is there under another id already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetImage:
    """An image that a listing showed and that is not as the ledger has it.

    `name` is its `image_file`; `at` is when it was met first.
    """

    product_id: int
    image_id: int
    name: str
    kind: Meeting
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductImages:
    """A product's images, as they were read together with those of many others.

    Attributes:
        images: each once.
        complete: they are certainly all. Else as many came along as with any product, and where
            the store gives no more of one there may be others: `StoreClient.list_images` knows.
    """

    images: tuple[StoredImage, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecord:
    """What the ledger knows about a picture that may have reached the store.

    Attributes:
        at: when it was last sent; None where that is not known.
        last_id: the highest image id of the whole store that was recorded before then, else 0:
            the store gives higher ids later.
        known: the ids of the product's images that belong to other photographs.
        answered: the id that the store's answer named without proving that it is ours.
    """

    at: datetime | None = None
    last_id: int = 0
    known: frozenset[int] = frozenset()
    answered: int | None = None


class Step(StrEnum):
    """The kinds of work that can be claimed: they need different things of the machine."""

    PREPARE = "prepare"
    """Checking and rendering: processor and memory."""
    UPLOAD = "upload"
    """Sending and looking: the network, one at a time for one product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A row of the ledger: everything known of one photograph for one product."""

    id: str
    state: State
    path: Path
    root: Path
    sha256: str
    size: int
    sku: str | None
    from_current_product: bool
    reason: Reason | None
    sentence: str
    placement: Placement | None
    inspection: Inspection | None
    picture: Picture | None
    image: StoredImage | None
    attempts: int
    not_before: datetime | None
    attempt_ended_at: datetime | None
    missing_since: datetime | None
    received_at: datetime
    changed_at: datetime
    in_haste: bool = False

    @property
    def original(self) -> Original:
        """The photograph as it lay on disk when it was received."""
        return Original(
            sha256=self.sha256,
            size=self.size,
            path=self.path,
            root=self.root,
            sku=self.sku,
            from_current_product=self.from_current_product,
            placement=self.placement,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The ticket with which a photograph may be changed: void once another holds it."""

    photo: Photo
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many photographs are in each state.

    `not_for_upload` of the refused ones are raw files and the like: nothing to worry about.
    """

    counts: dict[State, int]
    not_for_upload: int = 0

    def __getitem__(self, state: State) -> int:
        """Return the number of photographs in a state."""
        return self.counts.get(state, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """One file of one run, with the photograph it turned out to be.

    `already` is true where the photograph was stored before this run (or by whom this ledger knows
    nothing of), or where another file of the same run is the one that counts as stored;
    `taken_over` where this run found it in the store and sent nothing.
    """

    path: Path
    photo: Photo
    already: bool
    taken_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Every file of one run, and the create calls it made.

    `lines` may be gone through as often as wanted while the ledger is open: there may be very many,
    and they are read as they are asked for. `met` says, of each kind, how many images in the store
    are not as the ledger has them.
    """

    lines: Iterable[RunFile]
    posts: int
    met: Mapping[Meeting, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One step of one photograph, in a plain sentence."""

    at: datetime
    state: State
    sentence: str
