"""CSV maps: which file is a picture of which product, as other programs write it down.

`read_map` reads one, whatever its dialect; `CsvMap.about` says what it says of a file. `Maps` is
the rule of all maps that hold for a photograph.
"""

from __future__ import annotations

from pipeline.intake.maps.csv_map import CsvMap, read_map
from pipeline.intake.maps.entries import BadRow, Entry
from pipeline.intake.maps.mapping import Maps

__all__ = ["BadRow", "CsvMap", "Entry", "Maps", "read_map"]
