"""What the twelfth version of the tables adds: what products are called, and what is kept back."""

from __future__ import annotations

from typing import Final

__all__ = ["TWELFTH"]

# What the store calls its products, as it said so last, of whatever was asked; `sku` is a
# product's own, as the store writes it. And what is kept back says so by a value.
TWELFTH: Final = """
CREATE TABLE catalogue_names (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (store, product_id)
) STRICT, WITHOUT ROWID;
UPDATE photos SET reason = 'not_sent'
    WHERE state IN ('received', 'validated', 'prepared', 'uploading')
    AND sentence LIKE 'not sent: %';
"""
