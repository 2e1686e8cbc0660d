"""The states of a photograph, the moves between them, and what follows an error.

Pure data and pure functions: nothing here touches a disk, a network or a clock.
The ledger enforces the table of moves; a test holds enum, table, schema and README together.

    RECEIVED ──► VALIDATED ──► PREPARED ──► UPLOADING ──► STORED ──► REMOVED
        │            ▲             ▲            │
        └► WAITING ──┘             └────────────┘  (certainly not in the store: sent again)

What was removed comes back as it was: PREPARED, where its very picture is kept, else RECEIVED.
What is in the store already (another ledger sent it) goes straight from VALIDATED to STORED.
`REFUSED` (the photograph's own fault) and `FAILED` (ours or the store's) stand aside; a retry
returns a photograph to the state it had reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = [
    "FINAL_STATES",
    "JUDGED_BY_NAME",
    "KEPT_BACK",
    "MOVES",
    "NOT_SENT",
    "PASSING_REASONS",
    "PASSING_TRIES",
    "TRANSIENT_REASONS",
    "UNFINISHED_STATES",
    "ArrivalDecision",
    "ArrivalFacts",
    "KnownPhoto",
    "Reason",
    "State",
    "backoff_seconds",
    "is_another_photo",
    "is_move",
    "needs_bytes",
    "on_arrival",
    "reopened_state",
]


class State(StrEnum):
    """What has been achieved of a photograph; each is a fact, never an intention."""

    RECEIVED = "received"
    """Digested and written down."""
    VALIDATED = "validated"
    """Of a format that the store takes, whole as far as its structure tells, its product known."""
    PREPARED = "prepared"
    """A picture within the limits lies in the spool."""
    UPLOADING = "uploading"
    """A create request may have reached the store."""
    STORED = "stored"
    """The store gave it an id."""
    WAITING = "waiting"
    """Nobody knows yet whose product it is."""
    REFUSED = "refused"
    """Its own fault, with a reason and a sentence."""
    FAILED = "failed"
    """Our fault or the store's, with a reason and a sentence."""
    REMOVED = "removed"
    """Deleted from the store by our own command."""


class Reason(StrEnum):
    """Why a photograph stands aside, or is kept back: a code beside the sentence for people."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    VANISHED = "vanished"
    REPLACED = "replaced"
    NOT_A_FILE = "not_a_file"
    NOT_FOR_UPLOAD = "not_for_upload"
    """Neither by name nor by content a picture for the shop (a raw file, a film, a text): noted,
    and nothing to worry about."""
    FILE_TOO_LARGE = "file_too_large"
    NOT_AN_IMAGE = "not_an_image"
    FORMAT_NOT_TAKEN = "format_not_taken"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    NO_MEMORY = "no_memory"
    DECODER_CRASHED = "decoder_crashed"
    TOO_SLOW = "too_slow"
    CANNOT_FIT = "cannot_fit"
    PRODUCT_UNKNOWN = "product_unknown"
    PRODUCT_AMBIGUOUS = "product_ambiguous"
    STORE_REJECTED = "store_rejected"
    STORE_UNSURE = "store_unsure"
    STORE_TROUBLE = "store_trouble"
    """It could not do its part for this one, again and again, and did well otherwise."""
    DEFECT = "defect"
    NOT_SENT = "not_sent"
    """On its way, and kept back by the shop, the network or the token: it is tried again."""
    HELD = "held"
    """Ready, and held until its product has every view of the shot list."""


MOVES: Final[dict[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.VALIDATED, State.WAITING, State.REFUSED, State.FAILED}),
    State.WAITING: frozenset({State.RECEIVED, State.VALIDATED, State.REFUSED, State.FAILED}),
    State.VALIDATED: frozenset({State.PREPARED, State.STORED, State.REFUSED, State.FAILED}),
    State.PREPARED: frozenset(
        {State.UPLOADING, State.STORED, State.VALIDATED, State.REFUSED, State.FAILED}
    ),
    State.UPLOADING: frozenset({State.STORED, State.PREPARED, State.FAILED}),
    State.STORED: frozenset({State.REMOVED}),
    State.REFUSED: frozenset({State.RECEIVED}),
    State.FAILED: frozenset({State.RECEIVED, State.VALIDATED, State.PREPARED, State.UPLOADING}),
    State.REMOVED: frozenset({State.RECEIVED, State.PREPARED}),
}
"""From each state, the states that may follow."""

DELETED_BY_HAND: Final = "deleted from the shop by hand"
"""What is said of a photograph that is `REMOVED`, in its history and of its state."""

KEPT_BACK: Final = "not sent: "
"""How the sentence begins of a photograph that the shop, the network or the token keeps back. That
it is kept back says its reason, `NOT_SENT`."""

UNFINISHED_STATES: Final = frozenset(
    {State.RECEIVED, State.VALIDATED, State.PREPARED, State.UPLOADING}
)
"""States from which the engine goes on by itself."""

FINAL_STATES: Final = frozenset(State) - UNFINISHED_STATES
"""States in which a photograph stays until somebody does something about it."""

NOT_SENT: Final = frozenset({State.RECEIVED, State.WAITING, State.REFUSED, State.FAILED})
"""States in which what somebody says anew of a photograph (its product, its place) is taken over:
in the others a picture was made of what was known, or the store has it."""

_AT_REST: Final = frozenset({State.STORED, State.REMOVED})

TRANSIENT_REASONS: Final = frozenset(
    {
        Reason.UNREADABLE,
        Reason.VANISHED,
        Reason.REPLACED,
        Reason.NOT_A_FILE,
        Reason.NO_MEMORY,
    }
)
"""Reasons that lie in the surroundings, not in the bytes: the next arrival is examined afresh."""

JUDGED_BY_NAME: Final = frozenset(
    {Reason.NOT_AN_IMAGE, Reason.FORMAT_NOT_TAKEN, Reason.NOT_FOR_UPLOAD}
)
"""Reasons in which the name has a say, too: whether somebody meant the file as a picture."""

PASSING_REASONS: Final = frozenset({Reason.UNREADABLE, Reason.VANISHED, Reason.NO_MEMORY})
"""Those of them that may pass within moments, as where a network disk is away for a while, or
another program needs the memory: a few more tries cost no place."""

PASSING_TRIES: Final = 3
"""So many more: with pauses that double from a second on, some five seconds."""


_REASONS_IN_THE_BYTES: Final = frozenset(
    {
        Reason.EMPTY,
        Reason.NOT_FOR_UPLOAD,
        Reason.NOT_AN_IMAGE,
        Reason.FORMAT_NOT_TAKEN,
        Reason.TRUNCATED,
        Reason.DAMAGED,
    }
)
"""Reasons that neither another setting nor a retry on another day takes away."""


def is_move(before: State, after: State) -> bool:
    """Whether the table of moves allows `before` to become `after`."""
    return after in MOVES[before]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPhoto:
    """What the rules need of a photograph that is known.

    Attributes:
        state: what has been achieved.
        reason: why it stands aside, if it does.
        failed_from: the state that a failed one returns to.
        has_digest: its bytes could be read, once at least.
    """

    state: State
    reason: Reason | None = None
    failed_from: State | None = None
    has_digest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalFacts:
    """What an arrival says of a photograph that is known, beside that somebody asks for it.

    Attributes:
        other_placement: a product was given, or other wishes for it, than is known.
        sku: an SKU was given.
        moved: it lies at another path, and no longer at the one that is known.
        named_as_picture: the name with which it arrives is a picture's.
    """

    other_placement: bool = False
    sku: bool = False
    moved: bool = False
    named_as_picture: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalDecision:
    """What an arrival changes of a photograph that is known.

    Attributes:
        take_placement: the product that was given becomes the photograph's.
        take_sku: the SKU that was given becomes the photograph's.
        take_path: the path at which it arrived becomes the photograph's.
        reopened: it is taken up again, in this state; None where it is not.
        due_now: it waits no longer for its next try, and the pauses begin anew.
    """

    take_placement: bool = False
    take_sku: bool = False
    take_path: bool = False
    reopened: State | None = None
    due_now: bool = False


def on_arrival(known: KnownPhoto, facts: ArrivalFacts) -> ArrivalDecision:
    """Return what follows when a known photograph arrives again: what held it up is asked afresh.

    One that is refused for what is in its bytes stays refused, and one that our own command
    deleted stays deleted: the same bytes say nothing new. What is no picture is judged anew under
    a name that says otherwise.
    """
    told = known.state in NOT_SENT
    named_otherwise = known.reason in JUDGED_BY_NAME and facts.named_as_picture is (
        known.reason is Reason.NOT_FOR_UPLOAD
    )
    asked_again = known.state in (State.WAITING, State.FAILED) or (
        known.state is State.REFUSED and (known.reason in TRANSIENT_REASONS or named_otherwise)
    )
    return ArrivalDecision(
        take_placement=told and facts.other_placement,
        take_sku=told and facts.sku,
        # Where it lies now is told of what the shop has, too; its picture is not made from there.
        take_path=facts.moved and (told or known.state in _AT_REST),
        reopened=reopened_state(known) if asked_again else None,
        # In doubt, too: to look is harmless at any time.
        due_now=known.state in UNFINISHED_STATES,
    )


def reopened_state(known: KnownPhoto) -> State | None:
    """Return the state in which a photograph that stands aside is taken up; None: it cannot be."""
    if not known.has_digest:
        return None
    if known.state is State.FAILED:
        return known.failed_from
    if known.state in (State.REFUSED, State.WAITING, State.REMOVED):
        return State.RECEIVED
    return None


def needs_bytes(state: State, reason: Reason | None) -> bool:
    """Whether the original of a photograph may still be read.

    Not where the store has its picture, and not where its bytes are no photograph for it, whatever
    the settings: to look again would show the same. (Under another name it is another arrival,
    with bytes of its own.)
    """
    if state is State.REFUSED:
        return reason not in _REASONS_IN_THE_BYTES
    return state in UNFINISHED_STATES or state in (State.WAITING, State.FAILED)


def is_another_photo(*, told_sku: str | None, known_sku: str | None, placed: bool) -> bool:
    """Whether the same bytes at the same path are another photograph than the one that is known.

    They are where another SKU was given: the same picture is for two products. As long as the
    known one has no product, the SKU is only better knowledge of it.

    Args:
        told_sku: given with the arrival, if one was.
        known_sku: given when the known one arrived, if one was.
        placed: the product of the known one is known.
    """
    return told_sku is not None and told_sku != known_sku and placed


def backoff_seconds(
    attempt: int, jitter: float, *, first: float = 1.0, most: float = 300.0
) -> float:
    """Return the pause before the next try, in seconds.

    The pause doubles with every attempt up to `most`, and a random half of it is taken away, so
    that several waiting photographs (or machines) do not come back at the same moment.

    Args:
        attempt: how many tries have failed already, 1 or more.
        jitter: a random number from 0 up to 1, passed in by the caller.
        first: the full pause after the first failure, in seconds.
        most: the longest full pause, in seconds.
    """
    full = min(most, first * 2.0 ** min(attempt - 1, 30))
    return full * (0.5 + 0.5 * jitter)
