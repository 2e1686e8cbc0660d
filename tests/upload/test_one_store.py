"""A request of ours is what `requests` would make of it, and goes the way it would."""

from __future__ import annotations

import io
from typing import Any

import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.cookies import RequestsCookieJar

from pipeline.upload.body import multipart
from pipeline.upload.one_store import StoreAdapter, StoreSession, Template
from tests.upload.rawserver import RawServer, answering, body, raw_server

HEADERS = {"User-Agent": "us", "X-Auth-Token": "a-token", "Accept": "application/json"}
BASE = "https://api.bigcommerce.com/stores/hash/v3"

PATHS = st.one_of(
    st.just("/catalog/products"),
    st.builds("/catalog/products/{}/images".format, st.integers(1, 2**63)),
)
QUERIES = st.dictionaries(
    st.sampled_from(["page", "limit", "id:in", "sku:in", "date_modified:min"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
DOCUMENTS = st.dictionaries(
    st.text(max_size=10), st.one_of(st.booleans(), st.integers(), st.text(max_size=30)), min_size=1
)


@given(
    base=st.sampled_from([BASE, BASE + "/", "http://127.0.0.1:8080/stores/local/v3"]),
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    path=PATHS,
    query=st.none() | QUERIES,
    document=st.none() | DOCUMENTS,
    cookies=st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"])),
)
def test_a_request_is_the_one_that_requests_would_make(
    base: str,
    method: str,
    path: str,
    query: dict[str, str] | None,
    document: dict[str, Any] | None,
    cookies: dict[str, str],
) -> None:
    jar = RequestsCookieJar()
    jar.update(cookies)
    ours = Template(base, HEADERS).prepared(
        method, path, query=query, document=document, cookies=jar
    )
    theirs = requests.PreparedRequest()
    theirs.prepare(
        method=method,
        url=base.rstrip("/") + path,
        headers=HEADERS,
        params=query,
        json=document,
        cookies=jar,
    )
    assert (ours.method, ours.url, ours.body) == (theirs.method, theirs.url, theirs.body)
    assert ours.path_url == theirs.path_url
    assert ours.headers == theirs.headers


def test_a_body_is_announced_as_requests_would() -> None:
    form = multipart(io.BytesIO(bytes(9)), 9, "a.png", {}, lambda now: None)
    ours = Template(BASE, HEADERS).prepared("POST", "/x", body=form, cookies=RequestsCookieJar())
    theirs = requests.PreparedRequest()
    headers = {**HEADERS, "Content-Type": form.content_type}
    theirs.prepare(method="POST", url=BASE + "/x", headers=headers, data=form)
    assert ours.body is theirs.body is form
    assert ours.headers == theirs.headers


def session(proxy: str = "") -> StoreSession:
    made = StoreSession()
    made.mount("http://", StoreAdapter(1.5))
    made.proxies = {"http": proxy} if proxy else {}
    return made


def ask(session: StoreSession, base: str, path: str = "/catalog/products") -> requests.Response:
    request = Template(base, HEADERS).prepared("GET", path, cookies=session.cookies)
    return session.send(request, proxies=session.proxies, timeout=2, allow_redirects=False)


def begins(server: RawServer) -> list[bytes]:
    return [request.partition(b"\r\n")[0] for request in server.requests]


def test_one_connection_serves_until_it_is_closed_and_a_cookie_goes_back_where_it_came_from() -> (
    None
):
    first = body("1", "200 OK", "Set-Cookie: seen=once; Path=/stores")
    with raw_server(answering(first, body("2"), body("3"))) as server, session() as asking:
        assert [ask(asking, server.url).text for _ in range(2)] == ["1", "2"]
        assert server.connections == 1
        asking.close()
        assert ask(asking, server.url).text == "1"
        assert server.connections == 2
    assert [b"Cookie: seen=once" in request for request in server.requests] == [False, True, True]


def test_two_stores_are_not_taken_for_each_other() -> None:
    with (
        raw_server(answering(body("1"), body("2"))) as one,
        raw_server(answering(body("3"))) as other,
        session() as asking,
    ):
        said = [ask(asking, server.url).text for server in (one, other, one)]
    assert said == ["1", "3", "2"]
    assert (one.connections, other.connections) == (1, 1)


def test_a_proxy_is_told_the_whole_address() -> None:
    with raw_server(answering(body("1"), body("2"))) as server:
        with session(f"http://127.0.0.1:{server.port}") as asking:
            assert ask(asking, "http://store.example/v3").text == "1"
            assert ask(asking, "http://store.example/v3", "/x").text == "2"
        assert begins(server) == [
            b"GET http://store.example/v3/catalog/products HTTP/1.1",
            b"GET http://store.example/v3/x HTTP/1.1",
        ]
