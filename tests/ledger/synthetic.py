"""A ledger that looks as if a studio had worked with it for years, made in little time.

Of each photograph there is what a real one leaves behind: its records as JSON, as long as those of
the shop, the lines of its history, its arrival, its attempt, its file stamp. Everything is written
by SQL alone, without the indexes, which come last.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Final

from pipeline.home import spool_name
from pipeline.ledger.records import (
    image_record,
    inspection_record,
    picture_record,
    placement_record,
)
from pipeline.ledger.sqlite.migrations import MIGRATIONS
from pipeline.ledger.sqlite.schema import APPLICATION_ID, VERSION, statements_of
from pipeline.values import EncodeReport, Inspection, Picture, Placement, Profile, StoredImage
from tests.makers import inspection, picture, placement, stored_image

__all__ = ["FIRST_IMAGE", "FIRST_PRODUCT", "PER_PRODUCT", "make", "path_of"]

PER_PRODUCT: Final = 4
"""Photographs of each product."""

FIRST_PRODUCT: Final = 10_000

FIRST_IMAGE: Final = 4_001

_FOLDER: Final = "/Volumes/Studio/2024/shop"

_URL: Final = (
    "https://cdn11.bigcommerce.com/s-abcdefghij/products/-1/images/-2/%NAME%__51765.1721234567"
)


def path_of(number: int) -> str:
    """Return the path of the photograph of that number, from 1 on."""
    product = FIRST_PRODUCT + (number - 1) // PER_PRODUCT
    return f"{_FOLDER}/SM-{product}/SM-{product}_{1 + (number - 1) % PER_PRODUCT}.jpg"


def make(
    connection: sqlite3.Connection, store: str, photographs: int, *, version: int = VERSION
) -> None:
    """Fill a new file with so many stored photographs.

    Args:
        connection: to an empty file, in autocommit mode.
        store: whose photographs they are.
        photographs: how many.
        version: of the tables.
    """
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    later: list[str] = []
    connection.execute("BEGIN")
    for script in MIGRATIONS[:version]:
        for statement in statements_of(script):
            if statement.lstrip().startswith(("CREATE INDEX", "CREATE TRIGGER")):
                later.append(statement)
            elif statement.lstrip().startswith(("DROP TRIGGER", "DROP INDEX")):
                name = statement.split()[2].rstrip(";")
                later = [other for other in later if name not in other.split()]
            else:
                connection.execute(statement)
    for statement in _filling(store, photographs, version):
        connection.execute(statement)
    if version >= 5:
        connection.execute("INSERT INTO tallies VALUES (?, 'stored', 0, ?)", (store, photographs))
    for statement in later:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = DELETE")


def _filling(store: str, photographs: int, version: int) -> Iterable[str]:
    digest, name = "n.sha256", "'sm-' || n.product || '-' || n.shot || '-' || substr(n.sha256,1,10)"
    records = {
        column: _filled(record or "", n=digest, name=name)
        for column, record in _records(version).items()
    }
    day = "'+00:00'"
    name_of, owner_of = "lower(hex(randomblob(8)))", "printf('%016d', seq / 500)"
    if version < 6:
        name_of = (
            "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) "
            "|| '-' || hex(randomblob(2)) || '-' || hex(randomblob(6)))"
        )
        owner_of = "'00000000-0000-4000-8000-' || printf('%012d', seq / 500)"
    yield f"""
        CREATE TEMP TABLE numbers AS
        WITH RECURSIVE counted (seq) AS (
            SELECT 1 UNION ALL SELECT seq + 1 FROM counted WHERE seq < {photographs})
        SELECT seq, {FIRST_PRODUCT} + (seq - 1) / {PER_PRODUCT} AS product,
            1 + (seq - 1) % {PER_PRODUCT} AS shot, {FIRST_IMAGE} + seq - 1 AS image,
            lower(hex(randomblob(32))) AS sha256,
            lower(hex(randomblob(32))) AS likeness,
            {name_of} AS id,
            {owner_of} AS owner,
            strftime('%Y-%m-%dT%H:%M:%S', '2024-01-01', seq || ' seconds') || '.123456' || {day}
                AS at
        FROM counted"""
    place = f"'{_FOLDER}/SM-' || n.product || '/SM-' || n.product || '_' || n.shot || '.jpg'"
    padded = "printf('%012d', n.product) || '{0}' || printf('%012d', n.shot)"
    rank = (
        f"'/volumes/studio/000000002024/shop/sm-' || printf('%012d', n.product) || '/sm-' || "
        f"{padded.format('_')} || '.jpg'"
    )
    if version >= 6:
        rank = "''"
    stored = "'stored as image ' || n.image || ' (k/152/' || " + name + " || '__51765.jpg)'"
    yield f"""
        INSERT INTO photos (seq, id, store, product_id, sha256, size, path, root, rank, sku, state,
            sentence, placement, inspection, picture, image, image_id, received_at, changed_at
            {", likeness" if version >= 4 else ""})
        SELECT n.seq, n.id, '{store}', n.product, n.sha256, 7654321, CAST({place} AS BLOB),
            CAST('{_FOLDER}' AS BLOB), {rank}, NULL, 'stored', {stored}, {records["placement"]},
            {records["inspection"]}, {records["picture"]}, {records["image"]}, n.image, n.at, n.at
            {", n.likeness" if version >= 4 else ""}
        FROM numbers n"""
    lines = {
        ("NULL", "'received'"): f"'received as ' || {place}",
        ("'received'", "'validated'"): (
            "'is a whole JPEG of 6000 × 4000 pixels for product ' || n.product || "
            "' (its name begins with SKU SM-' || n.product || ')'"
        ),
        ("'validated'", "'prepared'"): (
            f"'prepared as ' || {name} || '.jpg, 2048 × 1365 pixels, 812,334 bytes "
            "(6000 × 4000 → 2048 × 1365, JPEG quality 91)'"
        ),
        ("'prepared'", "'uploading'"): "'going up to the shop'",
        ("'uploading'", "'stored'"): stored,
    }
    for (before, after), sentence in lines.items():
        yield f"""
            INSERT INTO history (photo, at, before, after, sentence, owner)
            SELECT n.id, n.at, {before}, {after}, {sentence}, n.owner FROM numbers n"""
    yield f"""
        INSERT INTO arrivals (owner, photo, path, door, seen_at, state_before)
        SELECT n.owner, n.id, CAST({place} AS BLOB), 'watch', n.at, NULL FROM numbers n"""
    yield """
        INSERT INTO attempts (photo, owner, began_at, ended_at, outcome)
        SELECT n.id, n.owner, n.at, n.at, 'stored' FROM numbers n"""
    yield f"""
        INSERT INTO files (store, path, mark {", sha256" if version >= 5 else ""})
        SELECT '{store}', CAST({place} AS BLOB),
            '7654321:1795823541077071798:1795823541077071798:' || (n.seq + 1474673)
            {", n.sha256" if version >= 5 else ""} FROM numbers n
            ORDER BY n.seq"""
    if version >= 10:
        yield from _journal(store, records["image"])
    yield "DROP TABLE numbers"


def _journal(store: str, image: str) -> Iterable[str]:
    """Yield what fills the journal: a batch for some hundred photographs, and changes of some."""
    yield f"""
        INSERT INTO batches (number, store, kind, command, began_at, ended_at, created)
        SELECT 1 + n.seq / 500, '{store}', 'run', 'pipeline run {_FOLDER}', min(n.at), max(n.at),
            count(*) FROM numbers n GROUP BY 1"""
    yield "UPDATE photos SET batch = 1 + seq / 500"
    yield f"""
        INSERT INTO changes (batch, store, kind, product_id, image_id, photo, before, facts, state,
            at, done_at)
        SELECT 1 + n.seq / 500, '{store}', 'update', n.product, n.image, n.id, {image},
            '{{"sort_order": ' || n.shot || '}}', 'done', n.at, n.at FROM numbers n
            WHERE n.seq % 7 = 0"""
    yield """
        INSERT INTO change_tallies (batch, kind, state, number)
        SELECT c.batch, c.kind, c.state, count(*) FROM changes c GROUP BY 1, 2, 3"""


def _records(version: int) -> Mapping[str, str | None]:
    """Return the records of a photograph, as they were written when the tables were of a version.

    Its numbers and names are marks, for SQL to fill in.
    """
    where = replace(placement(-1), rule="its name begins with SKU SM-%PRODUCT%", order=0)
    found = replace(inspection(), profile=Profile.SRGB)
    made = replace(
        picture(),
        sha256="%PICTURE%",
        spool_name="%SPOOLED%.jpg",
        upload_name="%NAME%.jpg",
        likeness="%LIKENESS%",
        encode_report=EncodeReport(
            scale=0.341,
            resampling="lanczos3",
            chroma="4:4:4",
            quality=91.5,
            encodes=5,
            why="it was a JPEG",
        ),
    )
    image = replace(
        stored_image(-2, -1),
        image_file="k/152/%NAME%__51765.jpg",
        url_zoom=f"{_URL}.1280.1280.jpg?c=2",
        url_standard=f"{_URL}.560.850.jpg?c=2",
        url_thumbnail=f"{_URL}.330.500.jpg?c=2",
        url_tiny=f"{_URL}.66.100.jpg?c=2",
    )
    if version < 6:
        return {
            "placement": _whole(where),
            "inspection": _whole(found, version),
            "picture": _whole(made, version).replace("%SPOOLED%", "%DIGITS%/%PICTURE%-%ID%"),
            "image": _whole(image),
        }
    made = replace(made, spool_name=spool_name(made.sha256, "%ID%", ".jpg"))
    return {
        "placement": placement_record(where),
        "inspection": inspection_record(found),
        "picture": picture_record(made, photo_id="%ID%", sha256="%DIGEST%", likeness="%LIKENESS%"),
        "image": image_record(image),
    }


def _whole(value: Inspection | Picture | Placement | StoredImage, version: int = 5) -> str:
    """Return a record as it was while nothing was left out of one."""
    facts = asdict(value)
    if version < 4:
        facts = {name: fact for name, fact in facts.items() if name not in ("likeness", "oddities")}
        facts = {"making" if name == "encode_report" else name: facts[name] for name in facts}
        facts |= {"transparent": False} if "bit_depth" in facts else {}
    return json.dumps(facts, sort_keys=True)


def _filled(record: str, *, n: str, name: str) -> str:
    """Return the SQL of a record as JSON, with the numbers and names of its photograph."""
    text = "'" + record.replace("'", "''") + "'"
    for mark, value in {
        '"product_id": -1': "'\"product_id\": ' || n.product",
        '"product_id":-1': "'\"product_id\":' || n.product",
        '"id": -2': "'\"id\": ' || n.image",
        '"id":-2': "'\"id\":' || n.image",
        "products/-1/": "'products/' || n.product || '/'",
        "images/-2/": "'images/' || n.image || '/'",
        "%PRODUCT%": "n.product",
        "%IMAGE%": "n.image",
        "%DIGITS%": f"substr({n}, 1, 2)",
        "%PICTURE%": n,
        "%DIGEST%": n,
        "%LIKENESS%": "n.likeness",
        "%ID%": "n.id",
        "%NAME%": name,
    }.items():
        if mark in text:
            text = f"replace({text}, '{mark}', {value})"
    return text
