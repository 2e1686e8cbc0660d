"""A multipart form, parsed as it streams in: one file, kept up to its limit, and small fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from pipeline.localstore.api.bodies import body_pieces, too_large
from pipeline.localstore.errors import ApiError
from pipeline.localstore.quirks import Quirks

__all__ = ["Form", "UploadedFile", "read_form"]

FILE_FIELD: Final = "image_file"

OVERHEAD_BYTES: Final = 2**20
"""What a body may be longer than its file: for descriptions, headers and boundaries."""

PARTS: Final = 32
HEADERS: Final = 8
HEADER_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file of a form: the name that it was sent with, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form: its file, None when it has none, and its other fields as text."""

    file: UploadedFile | None
    fields: dict[str, str]


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    file_name: str | None = None
    content: bytearray = field(default_factory=bytearray)


class _Collector:
    """Takes the parser's callbacks; what it keeps is bounded by the file's limit."""

    def __init__(self, file_bytes: int, quirks: Quirks) -> None:
        self._file_bytes = file_bytes
        self._quirks = quirks
        self._part = _Part()
        self._header = bytearray()
        self._value = bytearray()
        self._parts = 0
        self.file: UploadedFile | None = None
        self.fields: dict[str, str] = {}
        self.ended = False

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > PARTS:
            raise ApiError(422, "The form has too many parts")
        self._part = _Part()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._part.headers[bytes(self._header).lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition"))
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        name = options.get(b"filename")
        self._part.file_name = None if name is None else name.decode("utf-8", "replace")
        if self._part.name == FILE_FIELD and self.file is not None:
            raise ApiError(422, "One image a call", {FILE_FIELD: "was sent more than once"})

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == FILE_FIELD or self._part.file_name is None:
            self._part.content += data[start:end]
        # Files under other names are of no use, and are not kept.
        if len(self._part.content) > self._file_bytes:
            raise too_large(self._quirks, self._file_bytes)

    def on_part_end(self) -> None:
        part = self._part
        if part.name == FILE_FIELD:
            if part.file_name is None:
                raise ApiError(422, "image_file is no file", {FILE_FIELD: "must be a file"})
            self.file = UploadedFile(name=part.file_name, content=bytes(part.content))
        elif part.file_name is None:
            self.fields[part.name] = part.content.decode("utf-8", "replace")
        part.content = bytearray()

    def on_end(self) -> None:
        self.ended = True


async def read_form(request: Request, file_bytes: int, quirks: Quirks) -> Form:
    """Return a multipart body, read piece by piece.

    Args:
        request: whose.
        file_bytes: the largest file that is taken.
        quirks: how errors look, and how long a body may be silent.

    Raises:
        ApiError: it is no such form, is cut short, or is too large in any of its parts.
        ClientGone: the client closed the connection before the end.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if not boundary:
        raise ApiError(415, "The Content-Type header has no boundary")
    collector = _Collector(file_bytes, quirks)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": collector.on_part_begin,
                "on_part_data": collector.on_part_data,
                "on_part_end": collector.on_part_end,
                "on_header_field": collector.on_header_field,
                "on_header_value": collector.on_header_value,
                "on_header_end": collector.on_header_end,
                "on_headers_finished": collector.on_headers_finished,
                "on_end": collector.on_end,
            },
            max_header_count=HEADERS,
            max_header_size=HEADER_BYTES,
        )
        if_too_long = too_large(quirks, file_bytes)
        async for piece in body_pieces(request, file_bytes + OVERHEAD_BYTES, quirks, if_too_long):
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise ApiError(422, "The multipart body is malformed", {"body": str(error)}) from None
    if not collector.ended:
        raise ApiError(422, "The multipart body is cut short", {"body": "has no last boundary"})
    return Form(file=collector.file, fields=collector.fields)
