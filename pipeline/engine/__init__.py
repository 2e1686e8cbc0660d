"""The engine: submit, advance one photograph, work until nothing is due. The only sequencer.

It is handed its stages and imports none; all it knows of a photograph it asks the ledger. It
raises `StoreDenied`, `ConfigError` and `LedgerError` where going on makes no sense; every other
error becomes a state of the photograph it belongs to.
"""

from __future__ import annotations

from pipeline.engine.adopting import Adopted, adopt
from pipeline.engine.arranging import Arrangement, Arranger, arrange_all
from pipeline.engine.assigning import Given, assigned, brought_up_to_date, waiting_arrivals
from pipeline.engine.changing import Changed, Changing
from pipeline.engine.differences import MOST_HELD, Difference, Kind, differences
from pipeline.engine.duplicates import remove_superfluous, superfluous
from pipeline.engine.engine import Engine
from pipeline.engine.imposing import Imposed, asked_for, give_up_by_hand, impose
from pipeline.engine.listings import no_longer_there, note_listing
from pipeline.engine.places import key_of
from pipeline.engine.ports import (
    MOST_PRODUCTS,
    Clock,
    ListsChanged,
    Observer,
    RetryTimes,
    Shop,
    SilentObserver,
    Stages,
    shop_with_fault_points,
    with_fault_points,
)
from pipeline.engine.reading import look_at
from pipeline.engine.receiving import Receiving
from pipeline.engine.reconcile import (
    ask_again,
    delete_image,
    heed_lists,
    images_meant,
    in_doubt,
    put_back,
    repaired,
    settle,
    take_up_appeared,
)
from pipeline.engine.submitting import Feed, changed_since_last_run
from pipeline.engine.twins import Verdict
from pipeline.engine.undoing import (
    TakingBack,
    batch_to_take_back,
    removal_of,
    taking_back,
)
from pipeline.engine.wishes import note_taken_back, note_wishes
from pipeline.engine.work import DRAIN, REHEARSAL, RUN, WATCH, WorkMode, WorkResult, work

__all__ = [
    "DRAIN",
    "MOST_HELD",
    "MOST_PRODUCTS",
    "REHEARSAL",
    "RUN",
    "WATCH",
    "Adopted",
    "Arrangement",
    "Arranger",
    "Changed",
    "Changing",
    "Clock",
    "Difference",
    "Engine",
    "Feed",
    "Given",
    "Imposed",
    "Kind",
    "ListsChanged",
    "Observer",
    "Receiving",
    "RetryTimes",
    "Shop",
    "SilentObserver",
    "Stages",
    "TakingBack",
    "Verdict",
    "WorkMode",
    "WorkResult",
    "adopt",
    "arrange_all",
    "ask_again",
    "asked_for",
    "assigned",
    "batch_to_take_back",
    "brought_up_to_date",
    "changed_since_last_run",
    "delete_image",
    "differences",
    "give_up_by_hand",
    "heed_lists",
    "images_meant",
    "impose",
    "in_doubt",
    "key_of",
    "look_at",
    "no_longer_there",
    "note_listing",
    "note_taken_back",
    "note_wishes",
    "put_back",
    "removal_of",
    "remove_superfluous",
    "repaired",
    "settle",
    "shop_with_fault_points",
    "superfluous",
    "take_up_appeared",
    "taking_back",
    "waiting_arrivals",
    "with_fault_points",
    "work",
]
