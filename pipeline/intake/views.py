"""Which view of its product a photograph shows, by its name: the front, a detail, the packaging.

Only whole words count, and after the product's name alone where that is known: `top-shelf-2.jpg`
of the product `top-shelf` says nothing. Where the name does not begin with the product's, only what
it ends with counts. Besides words, in six languages, there are Amazon's codes for an image (`MAIN`,
`PT01`) and the four signs of GS1 behind a GTIN (`A1C1`: GS1 Product Image Specification, 4.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from unicodedata import combining, normalize

from pipeline.intake.name_rules import is_camera_name
from pipeline.standing import MAIN, VIEWS

__all__ = ["Said", "ViewWords", "view_said"]

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        MAIN: "main hero primary haupt hauptbild hauptansicht titelbild principal principale "
        "principale-image portada copertina hoofd hoofdfoto",
        "front": "front frnt face-avant vorn vorne vorderseite frontal frontale avant devant "
        "frente delante davanti fronte voor voorkant voorzijde",
        "three-quarter": "three-quarter threequarter 3-quarter angle angled perspective "
        "front-left front-right schraeg schrag dreiviertel trois-quarts tres-cuartos "
        "tre-quarti driekwart",
        "left": "left side links linke-seite seite seitlich gauche cote profil izquierda lado "
        "lateral perfil sinistra lato laterale linkerkant zijkant",
        "right": "right rght rechts rechte-seite droite derecha destra rechterkant",
        "back": "back rear reverse hinten ruckseite rueckseite arriere dos derriere verso "
        "atras detras trasera posterior dietro retro posteriore achter achterkant achterzijde",
        "top": "top topp above overhead oben draufsicht oberseite dessus haut arriba superior "
        "sopra alto superiore boven bovenkant",
        "bottom": "bottom bott base underside unten unterseite boden dessous bas abajo inferior "
        "sotto fondo inferiore onder onderkant",
        "inside": "inside interior open innen innenseite geoffnet geoeffnet offen interieur "
        "dedans ouvert dentro abierto interno aperto binnen binnenkant",
        "detail": "detail details close-up closeup macro nahaufnahme nah makro zoom "
        "gros-plan detalle primer-plano dettaglio primo-piano",
        "scale": "scale size dimensions massstab grosse groesse masse echelle taille escala "
        "medidas scala misure dimensioni schaal maat afmetingen",
        "packaging": "packaging package pack box boxed verpackung karton schachtel emballage "
        "boite embalaje caja confezione imballaggio scatola verpakking doos",
        "lifestyle": "lifestyle in-use ambiance ambiente milieu-bild milieu anwendung in-situ "
        "situation ambience uso ambientazione ambientata sfeer sfeerbeeld",
    }
)

_SIDES: Final = frozenset({"front", "left", "right", "back", "top", "bottom"})
"""From where it is seen; what is seen (a detail, the packaging) outweighs it."""

_SAYS_NOTHING: Final = frozenset(
    ["view", "shot", "ansicht", "vue", "vista", "aanzicht", "image", "img", "pic"]
)
"""What stands beside the word or number of a view and adds nothing."""

_FACINGS: Final = MappingProxyType(
    {"1": "front", "2": "left", "3": "top", "7": "back", "8": "right", "9": "bottom"}
)
"""The second of GS1's signs: the side that faces the camera."""

_GS1: Final = re.compile(r"[abc](?P<facing>[123789])(?P<angle>[clrn])[0-9a-z]")
"""The first: marketing, alternate, high resolution. The others (`d`, `e`) show no side."""

_GTIN: Final = re.compile(r"\d{8}|\d{12,14}")
_NUMBERED: Final = re.compile(r"([^\W\d_]+)(\d{1,2})")
_NUMBER: Final = re.compile(r"\d{1,4}|pt\d{2}")
"""A picture's, as it is, or as Amazon says it."""

_LONGEST: Final = 3
"""Words that one view's name has at most."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a name says.

    Attributes:
        view: what the picture shows; None where it does not say so.
        bare: it is the product's name and nothing else: that is its main picture.
        number: of the picture; None where there is none, or several are.
        by_product: the name begins with the product's.
    """

    view: str | None = None
    number: int | None = None
    bare: bool = False
    by_product: bool = False


class ViewWords:
    """The words by which views are called, the studio's own among them."""

    def __init__(self, views: Sequence[str] = VIEWS, own: Iterable[str] = ()) -> None:
        """Know the words of the built-in views, and those that are given.

        Args:
            views: the names of views, each of which is a word for itself.
            own: further words, each as `WORD=VIEW`.

        Raises:
            ValueError: one of them is no `WORD=VIEW`, with a sentence.
        """
        self._views = {word: view for view, said in _WORDS.items() for word in said.split()}
        self._views |= {_plain_words(view): view for view in views}
        for one in own:
            word, found, view = one.partition("=")
            if not (found and _plain_words(word) and view.strip()):
                raise ValueError(f"{one!r} should be a word and its view, as 'vitrine=lifestyle'")
            self._views[_plain_words(word)] = view.strip()

    def view(self, words: Sequence[str]) -> str | None:
        """Return the view that these words are the name of."""
        return self._views.get("-".join(words))

    def named(self, text: str) -> str | None:
        """Return the view that a text is the name of, as people write it (`Close-up`, `Vorne`)."""
        return self._views.get(_plain_words(text))


def view_said(path: Path, product_name: str | None, words: ViewWords) -> Said:
    """Return what a file's name says of its view and number; nothing is opened.

    Args:
        path: of the file.
        product_name: what its product is called in it, as far as that is known (a SKU, an id).
        words: by which views are called.

    Returns:
        `SM-13_front_2.jpg` gives front and 2, `SM-13.jpg` is bare, `4006381333931_A7C1.jpg` back,
        `B00TEST.PT02.jpg` the number 2. Where several views are named, main counts before all
        others, and what is seen before the side: `SM-13-front-detail.jpg` is a detail.
    """
    stem = normalize("NFC", path.stem).strip()
    rest = _after(stem, product_name)
    if rest == "":
        return Said(bare=True, by_product=True)
    if rest is None and is_camera_name(stem):
        return Said()
    tokens = _tokens(stem if rest is None else rest)
    if _GTIN.fullmatch(product_name or "") or rest is None:
        tokens = _with_facing(tokens, known=rest is not None)
    views, numbers, others = _said(tokens, words, to_the_end=rest is None)
    number = None
    if len(numbers) == 1 and (views or not others or tokens[0] == numbers[0]):
        number = int(numbers[0].lstrip("pt"))
    return Said(view=_chosen(views), number=number, by_product=rest is not None)


def _after(stem: str, product_name: str | None) -> str | None:
    """Return what follows the product's name; None where the name does not begin with it."""
    name = normalize("NFC", product_name or "").strip().casefold()
    whole = stem.casefold()
    if not name or not whole.startswith(name):
        return None
    rest = whole[len(name) :]
    return None if rest[:1].isalnum() else rest.strip(" -_.#()[]+,=")


@lru_cache(maxsize=1024)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_plain_words(text).split("-")) if text else ()


def _plain_words(text: str) -> str:
    """Return words in small letters without accents, with hyphens between."""
    apart = normalize("NFKD", text.casefold().replace("ß", "ss"))
    letters = "".join(sign for sign in apart if not combining(sign))
    return "-".join(re.findall(r"[^\W_]+", letters))


def _with_facing(tokens: Sequence[str], *, known: bool) -> tuple[str, ...]:
    """Return the words with the four signs of GS1 replaced by the view that they stand for."""
    place = 0 if known else 1
    if not known and not (tokens and _GTIN.fullmatch(tokens[0])):
        return tuple(tokens)
    code = _GS1.fullmatch(tokens[place]) if len(tokens) > place else None
    if code is None:
        return tuple(tokens)
    view = _FACINGS[code["facing"]]
    if view == "front" and code["angle"] in "lr":
        view = "three-quarter"
    return (view, *tokens[place + 1 :])


def _said(
    tokens: Sequence[str], words: ViewWords, *, to_the_end: bool
) -> tuple[list[str], list[str], int]:
    """Return the views and numbers that words name, and how many others there are.

    `to_the_end`: only those count that it ends with.
    """
    views: list[str] = []
    numbers: list[str] = []
    others = 0
    left = list(tokens)
    while left:
        taken, view, number = _last(left, words)
        others += not taken
        if to_the_end and not taken:
            break
        views += [] if view is None else [view]
        numbers += [] if number is None else [number]
        del left[-max(taken, 1) :]
    return views[::-1], numbers[::-1], others


def _last(tokens: Sequence[str], words: ViewWords) -> tuple[int, str | None, str | None]:
    """Return how many words at the end say something (0: none does), and what."""
    for length in range(min(_LONGEST, len(tokens)), 0, -1):
        if view := words.view(tokens[-length:]):
            return length, view, None
    word = tokens[-1]
    if _NUMBER.fullmatch(word):
        return 1, None, word
    numbered = _NUMBERED.fullmatch(word)
    if numbered and (view := words.view([numbered[1]])):
        return 1, view, numbered[2]
    return int(word in _SAYS_NOTHING), None, None


def _chosen(views: Sequence[str]) -> str | None:
    if MAIN in views:
        return MAIN
    seen = [view for view in views if view not in _SIDES]
    return next(iter(seen or views), None)
