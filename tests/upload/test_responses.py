"""Servers that are no store: each ends in an error of ours, in time, and in nothing else."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pipeline.errors import (
    StoreError,
    StoreIntercepted,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.upload import StoreClient
from tests.upload.rawserver import (
    RawServer,
    answering,
    body,
    client_of_raw,
    raw_server,
    read_request,
)

CALLS: dict[str, Callable[[StoreClient, Path], object]] = {
    "list": lambda client, file: client.list_images(158),
    "get": lambda client, file: client.get_image(158, 7),
    "update": lambda client, file: client.update_image(158, 7, {"sort_order": 1}),
    "create": lambda client, file: client.create_image(158, file, "a-0123456789.png"),
    "by url": lambda client, file: client.create_image_from_url(158, {"image_url": "http://x/"}),
    "skus": lambda client, file: client.products_by_sku(["SM-13"]),
    "product": lambda client, file: client.has_product(158),
}

NO_HTTP = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 40,
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "half a status": b"HTTP/1.1 20",
    "no number": b"HTTP/1.1 OK\r\n\r\n",
    "only a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    "minus length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    "cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
    "long line": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n{}",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n{}",
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    "no gzip": body(b"this is no gzip", "200 OK", "Content-Encoding: gzip"),
    "no deflate": body(b"nor is this deflate", "200 OK", "Content-Encoding: deflate"),
    "gzip bomb": body(gzip.compress(bytes(200 << 20)), "200 OK", "Content-Encoding: gzip"),
}

NO_ANSWER: dict[str, str | bytes] = {
    "empty": "",
    "null": "null",
    "number": "1",
    "list": "[]",
    "text": '"data"',
    "no data": "{}",
    "other": '{"message": "hello"}',
    "data null": '{"data": null}',
    "data text": '{"data": "7"}',
    "data number": '{"data": 7}',
    "data numbers": '{"data": [1, 2, 3]}',
    "data lists": '{"data": [[]]}',
    "deep": '{"data": ' + "[" * 200_000 + "]" * 200_000 + "}",
    "long number": '{"data": ' + "9" * 10_000 + "}",
    "cut": '{"data": [{"id": 7',
    "not UTF-8": b'{"data": [{"id": \xff}]}',
    "html": "<html><body>Welcome to the hotel</body></html>",
}

NO_ID = ['"7"', "7.0", "7.5", "-7", "0", "true", "null", "[7]", "{}", "1e3", "9" * 40, "NaN"]


def failed(client: StoreClient, call: str, file: Path) -> StoreError:
    began = time.monotonic()
    with pytest.raises(StoreError) as error:
        CALLS[call](client, file)
    assert time.monotonic() - began < 8
    if call in ("create", "by url"):
        assert isinstance(error.value, StoreUnsure), "the request was read whole"
    else:
        assert isinstance(error.value, StoreUnavailable)
    assert len(str(error.value)) < 1000
    return error.value


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_http_is_an_error_of_the_store(call: str, name: str, file: Path) -> None:
    with raw_server(answering(NO_HTTP[name])) as server:
        failed(client_of_raw(server), call, file)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", NO_ANSWER)
def test_what_is_no_answer_of_the_store_is_an_error_of_the_store(
    call: str, name: str, file: Path
) -> None:
    with raw_server(answering(body(NO_ANSWER[name]))) as server:
        failed(client_of_raw(server), call, file)


@pytest.mark.parametrize("call", ["list", "get", "update", "create", "by url"])
@pytest.mark.parametrize("number", NO_ID)
def test_an_id_that_is_no_number_is_no_id(call: str, number: str, file: Path) -> None:
    record = f'{{"id": {number}, "image_file": "a/1/a__12345.png"}}'
    data = f"[{record}]" if call == "list" else record
    with raw_server(answering(body(f'{{"data": {data}}}'))) as server:
        failed(client_of_raw(server), call, file)


@pytest.mark.parametrize("number", NO_ID)
def test_a_product_whose_id_is_no_number_is_no_product(number: str, file: Path) -> None:
    answer = body(f'{{"data": [{{"id": {number}, "product_id": {number}, "sku": "SM-13"}}]}}')
    meta = body('{"data": []}')
    with raw_server(answering(answer, meta, answer, meta, answer)) as server:
        client = client_of_raw(server)
        assert client.products_by_sku(["SM-13"]) == {"SM-13": frozenset()}
        assert client.has_product(7) is False


def test_fields_of_wrong_types_are_taken_as_not_given() -> None:
    record = (
        '{"id": 7, "image_file": 1, "is_thumbnail": "yes", "sort_order": "last", "description": [],'
        '"url_zoom": {}, "date_modified": 0, "surprise": null}'
    )
    with raw_server(answering(body(f'{{"data": {record}, "meta": []}}'))) as server:
        image = client_of_raw(server).get_image(158, 7)
    assert (image.id, image.product_id, image.image_file, image.sort_order) == (7, 158, "", 0)
    assert image.is_thumbnail is False


def test_half_a_character_in_an_answer_can_be_written_down(file: Path) -> None:
    record = (
        '{"id": 7, "product_id": 158, "image_file": "a/\\ud83d/a__12345.png", '
        '"description": "\\udcff"}'
    )
    with raw_server(answering(body(f'{{"data": {record}}}'))) as server:
        image = client_of_raw(server).create_image(158, file, "a-0123456789.png")
    assert image.image_file.encode().decode() == image.image_file
    assert image.description.encode()


def test_a_listing_with_an_image_of_another_product_is_no_answer() -> None:
    page = body(
        '{"data": [{"id": 7, "product_id": 158}, {"id": 8, "product_id": 159}], '
        '"meta": {"pagination": {"total_pages": 1}}}'
    )
    with raw_server(answering(page)) as server, pytest.raises(StoreUnavailable, match="159"):
        client_of_raw(server).list_images(158)


def test_an_image_of_another_product_is_no_clear_answer(file: Path) -> None:
    with raw_server(answering(body('{"data": {"id": 7, "product_id": 159}}'))) as server:
        assert "159" in str(failed(client_of_raw(server), "create", file))


@pytest.mark.parametrize(
    "pagination",
    ['{"total_pages": "many"}', '{"total_pages": -1}', "[]", '{"total": true}', '{"total": 1e9}'],
)
def test_a_pagination_of_wrong_types_ends_the_listing_at_the_first_empty_page(
    pagination: str,
) -> None:
    one = body(f'{{"data": [{{"id": 7}}], "meta": {{"pagination": {pagination}}}}}')
    none = body(f'{{"data": [], "meta": {{"pagination": {pagination}}}}}')
    with raw_server(answering(one, none, one, none)) as server:
        assert [image.id for image in client_of_raw(server).list_images(158)] == [7]


def test_a_listing_without_an_end_is_given_up() -> None:
    page = body('{"data": [{"id": 7}], "meta": {"pagination": {"total_pages": 1000000}}}')
    with (
        raw_server(answering(*[page] * 500)) as server,
        pytest.raises(StoreUnavailable, match="does not end"),
    ):
        client_of_raw(server).list_images(158)
    assert len(server.requests) == 100


@pytest.mark.parametrize(
    "header",
    [
        "X-Rate-Limit-Requests-Left: " + "9" * 5000,
        "X-Rate-Limit-Time-Reset-Ms: soon",
        "Date: yesterday",
        "Date: Mon, 32 Foo 99999 99:99:99 +99999999999999999999",
        "Date: Mon, 01 Jan 0001 00:00:00 +2359",
        "Date:  ",
        "Set-Cookie: =;;;=; Expires=\xff; Max-Age=never",
        "Content-Type: \xff\xfe/;;charset=none",
        "Location: http://[::1",
        "Connection: keep-alive, close, upgrade",
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "307 Go", "429 Slow", "503 No"])
def test_a_strange_header_spoils_nothing(header: str, status: str, file: Path) -> None:
    answer = body('{"data": {"id": 7, "product_id": 158}}', status, header)
    with raw_server(answering(answer)) as server:
        client = client_of_raw(server)
        if status == "200 OK":
            assert client.create_image(158, file, "a-0123456789.png").id == 7
        else:
            with pytest.raises(StoreError):
                client.create_image(158, file, "a-0123456789.png")


@pytest.mark.parametrize("seconds", ["inf", "nan", "-5", "9" * 5000, "1e999", "soon", "1_0", "٣"])
def test_a_pause_that_makes_no_sense_is_none_or_a_short_one(seconds: str, file: Path) -> None:
    answer = body("", "429 Slow", f"Retry-After: {seconds}".encode().decode("latin-1"))
    with raw_server(answering(answer)) as server, pytest.raises(StoreError) as error:
        client_of_raw(server).create_image(158, file, "a-0123456789.png")
    assert isinstance(error.value, StoreThrottled)
    assert error.value.after is None or 0 <= error.value.after <= 3600


PAGES = {
    "by its type": ("text/html; charset=utf-8", "Log in"),
    "by its type in capitals": ("TEXT/HTML", ""),
    "by its content": ("application/json", "\n<!DOCTYPE html><html><body>Log in</body></html>"),
    "without a type": ("", "<html><body>Log in</body></html>"),
    "with a byte order mark": ("text/plain", "\ufeff<HTML>"),
}


@pytest.mark.parametrize("call", [*CALLS, "delete", "probe"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_for_people_is_an_outage_whatever_was_asked(
    call: str, page: str, file: Path
) -> None:
    calls: dict[str, Callable[[StoreClient, Path], object]] = {
        **CALLS,
        "delete": lambda client, file: client.delete_image(158, 7),
        "probe": lambda client, file: client.probe(),
    }
    kind, content = PAGES[page]
    answer = body(content, "200 OK", f"Content-Type: {kind}")
    with (
        raw_server(answering(answer)) as server,
        pytest.raises(StoreError, match="login page") as error,
    ):
        calls[call](client_of_raw(server), file)
    assert type(error.value) is (StoreUnsure if call in ("create", "by url") else StoreIntercepted)


NOON = "Sun, 06 Nov 1994 12:00:00 GMT"

DATES = {
    "of today": ("Sun, 06 Nov 1994 12:00:17 GMT", 17),
    "of the nineties": ("Sunday, 06-Nov-94 12:00:17 GMT", 17),
    "of C": ("Sun Nov  6 12:00:17 1994", 17),
    "of another zone": ("Sun, 06 Nov 1994 14:00:17 +0200", 17),
    "past": ("Sun, 06 Nov 1994 11:00:00 GMT", 0),
    "of an hour": ("Sun, 06 Nov 1994 13:00:00 GMT", 3600),
    "of next year": ("Mon, 06 Nov 1995 12:00:00 GMT", None),
    "of no day": ("Sun, 36 Nov 1994 12:00:17 GMT", None),
}


@pytest.mark.parametrize("name", ["Retry-After", "X-Retry-After"])
@pytest.mark.parametrize("form", DATES)
def test_a_pause_may_be_asked_for_by_a_date_of_the_stores_own_clock(
    form: str, name: str, file: Path
) -> None:
    date, pause = DATES[form]
    answer = body("", "429 Slow", f"Date: {NOON}", f"{name}: {date}")
    with raw_server(answering(answer)) as server, pytest.raises(StoreThrottled) as error:
        client_of_raw(server).create_image(158, file, "a-0123456789.png")
    assert error.value.after == pause


def test_where_the_store_tells_no_time_a_date_is_held_against_our_own(file: Path) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    answer = body("", "429 Slow", f"Retry-After: {soon}")
    with raw_server(answering(answer)) as server, pytest.raises(StoreThrottled) as error:
        client_of_raw(server).create_image(158, file, "a-0123456789.png")
    assert error.value.after is not None
    assert 20 < error.value.after <= 30


def test_an_answer_that_was_smuggled_in_is_not_taken_for_the_next(file: Path) -> None:
    true, false = body('{"data": {"id": 7}}'), body('{"data": {"id": 666}}')

    def smuggles(server: RawServer, connection: socket.socket) -> None:
        while read_request(server, connection):
            connection.sendall(true + false)

    with raw_server(smuggles) as server:
        client = client_of_raw(server)
        assert [client.get_image(158, 7).id for _ in range(3)] == [7, 7, 7]


def test_an_interim_answer_does_not_shift_the_answers_that_follow(file: Path) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n"

    def behave(server: RawServer, connection: socket.socket) -> None:
        read_request(server, connection)
        if server.connections == 1:
            connection.sendall(interim)
            time.sleep(0.3)
            connection.sendall(body('{"data": {"id": 666}}'))
            time.sleep(0.3)
        else:
            connection.sendall(body('{"data": {"id": 7}}'))

    with raw_server(behave) as server:
        client = client_of_raw(server)
        assert isinstance(failed(client, "create", file), StoreUnsure)
        assert client.get_image(158, 7).id == 7
    assert server.connections == 2


def test_a_refusal_with_thousands_of_fields_is_told_in_few_words(file: Path) -> None:
    fields = ", ".join(f'"field {number}": "\\u001b[2J{"x" * 900}"' for number in range(3000))
    answer = body(f'{{"title": "no\\r\\n\\u0007", "errors": {{{fields}}}}}', "422 No")
    with raw_server(answering(answer)) as server, pytest.raises(StoreRejected) as error:
        client_of_raw(server).create_image(158, file, "a-0123456789.png")
    assert len(str(error.value)) < 10_000
    assert str(error.value).isprintable()
