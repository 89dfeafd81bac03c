"""Whatever is sent to whichever address, the answer is a problem that says so, and nothing is written.

Every address of the house's own description is tried, so that a new route is tried as soon as it is there.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from tests.house.bad_input import (
    BODIES,
    CHANGING,
    CONTENT_TYPES,
    COOKIES,
    METHODS,
    ORIGINS,
    PATHS,
    QUERIES,
    WHO,
    Town,
    bad_values,
    fault_of,
    founded,
)
from tests.support import warm
from tests.support.issuer import SharedBank
from tests.support.market import PIN, key, opened_market
from tests.support.postgres import QUICK, TEMPLATE, shared_server

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def shared_database_url() -> Iterator[str]:
    server = shared_server(QUICK)
    url = server.make_database(template=TEMPLATE)
    yield url
    server.drop_database(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(
    shared_database_url: str, shared_bank: SharedBank, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """One town for all of these tests: none of them leaves a trace but the last, which is of good input."""
    data = tmp_path_factory.mktemp("data")
    known_as = "http://192.168.1.20:8800"  # an address under which posters are printed
    authority = data / "authority.crt"
    authority.write_text("what a phone would install")
    with warm.tests_share_what_runs():
        async with (
            opened_market(
                shared_database_url, data, shared_bank, public_url=known_as, authority=str(authority)
            ) as market,
            founded(market) as town,
        ):
            yield town


async def test_a_body_that_is_none_is_refused(town: Town) -> None:
    await nothing_is_written(
        town,
        [
            town.refused(f"{what}, {who}", method, town.address(path), town.headers(who), body)
            for who in WHO
            for method, path, operation in town.operations()
            if town.fields(operation)
            for what, body in BODIES.items()
        ],
    )


async def test_a_field_that_is_missing_or_says_what_it_cannot_is_refused(town: Town) -> None:
    requests = []
    for method, path, operation in town.operations():
        well = town.meant_well(path, operation)
        bad = [
            (f"{name} missing", {other: well[other] for other in well if other != name})
            for name in town.required(operation)
        ]
        bad += [
            (f"{name}: {str(value)[:40]!r}", {**well, name: value})
            for name, kind in town.fields(operation).items()
            for value in bad_values(name, kind)
        ]
        for who in WHO:
            for what, body in bad:
                sent = json.dumps(body).encode()
                requests.append(town.refused(f"{what}, {who}", method, town.address(path), town.headers(who), sent))
    await nothing_is_written(town, requests)


async def test_a_form_of_another_kind_is_refused(town: Town) -> None:
    await nothing_is_written(
        town,
        [
            town.refused(kind, method, town.address(path), town.headers(who, kind), b"name=x&amount_minor=1")
            for who in WHO
            for kind in CONTENT_TYPES
            for method, path, operation in town.operations()
            if town.fields(operation)
        ],
    )


async def test_a_path_that_names_nothing_is_refused(town: Town) -> None:
    """Whatever stands where an id belongs; only the sign of a code is text that is not an id."""
    await nothing_is_written(
        town,
        [
            town.refused(who, method, path.replace("{" + parameter["name"] + "}", bad), town.headers(who), sent)
            for who in WHO
            for method, path, operation in town.operations()
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "path"
            for bad in [*PATHS, key()]
            for sent in [json.dumps(town.meant_well(path, operation)).encode()]
        ],
    )


async def test_what_belongs_to_somebody_else_is_not_found(town: Town) -> None:
    async def ask(method: str, path: str, body: bytes) -> None:
        answer = await town.send(method, town.address(path), town.headers("somebody else"), body)
        if answer.status_code != 404 or fault_of(answer):
            town.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    await nothing_is_written(
        town,
        [
            ask(method, path, json.dumps(town.meant_well(path, operation)).encode())
            for method, path, operation in town.operations()
            if "{" in path and not path.startswith(EVERYBODYS) and (method, path) != ("put", "/api/media/{media_id}")
        ],
    )


EVERYBODYS = (
    "/api/codes/{code}/",
    "/api/ops/",
    "/api/field/",
    "/api/street/",
    "/api/blocks/",
    "/api/group-invitations/",
    "/api/sign-ins",
)
"""Addresses that name what is nobody's own, or that a role opens."""

PASSING = ("/api/sign-ins", "/api/field/sign-ups/{sign_up_id}/owner-codes")
"""Addresses of what is over sooner than these tests are."""


async def test_an_absurd_question_is_answered_or_refused(town: Town) -> None:
    async def ask(who: str, path: str, question: str) -> None:
        answer = await town.send("get", f"{town.address(path)}?{question}", town.headers(who))
        town.is_right(f"{path}?{question[:60]}, {who}", answer)
        if answer.status_code < 400 and not path.endswith(
            (".svg", ".csv", ".pdf", "/poster", "/{media_id}", "/{photo_id}")
        ):
            answer.json()

    names = {
        path: [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"]
        for _, path, operation in town.operations(("get",))
    }
    questions = [
        (path, question)
        for path, asked in names.items()
        for name in asked
        for question in (
            *(f"{name}={bad}" for bad in QUERIES),
            f"{name}=1&{name}=2",
            f"{name}",
            f"{name}[]=1",
            f"x={name}",
        )
    ]
    assert len(questions) > 100
    await nothing_is_written(town, [ask(who, path, question) for who in WHO for path, question in questions])


async def test_a_session_that_is_none_is_refused_where_one_is_wanted(town: Town) -> None:
    async def ask(path: str, cookie: str) -> None:
        answer = await town.send("get", town.address(path), {"cookie": cookie})
        town.is_right(f"{path} with {cookie[:40]!r}", answer)
        if answer.status_code < 400:
            assert path in OPEN_TO_ALL, f"{path} was shown to nobody in particular"

    gets = [path for _, path, _ in town.operations(("get",))]
    await nothing_is_written(town, [ask(path, cookie) for path in gets for cookie in COOKIES])


OPEN_TO_ALL = frozenset(
    {
        "/api/town",
        "/api/trust",
        "/api/trust/certificate",
        "/api/codes/{code}/image.svg",
        "/healthz",
        "/readyz",
        "/metrics",
    }
)
"""What is shown to people who are not signed in."""


async def test_a_change_that_another_sites_page_asks_for_is_refused(town: Town) -> None:
    async def ask(method: str, path: str, origin: str, body: bytes) -> None:
        headers = {**town.headers("signed in"), "origin": origin}
        answer = await town.send(method, town.address(path), headers, body)
        town.is_right(f"{method} {path} from {origin!r}", answer)
        if (answer.status_code, answer.json().get("type")) != (403, "/problems/wrong-origin"):
            town.wrong.append(f"{method} {path} from {origin!r}: {answer.status_code} {answer.text[:100]}")

    await nothing_is_written(
        town,
        [
            ask(method, path, origin, json.dumps(town.meant_well(path, operation)).encode())
            for method, path, operation in town.operations(CHANGING)
            for origin in ORIGINS
        ],
    )


async def test_a_method_that_an_address_does_not_know_is_refused(town: Town) -> None:
    known: dict[str, set[str]] = {}
    for method, path, _ in town.operations():
        known.setdefault(path, set()).add(method)
    await nothing_is_written(
        town,
        [
            town.refused("method", method, town.address(path), town.headers("signed in"), b"{}")
            for path, methods in known.items()
            for method in {*METHODS, "trace", "propfind"} - methods
        ],
    )


async def test_an_address_that_there_is_not_is_not_found(town: Town) -> None:
    addresses = ["/api", "/api/", "/api/none", "/api/wallet/", "/api/shops/x/y/z", "/v3/pay", "/cgi-bin/x"]
    await nothing_is_written(
        town,
        [
            town.refused("address", method, address, town.headers("signed in"))
            for address in addresses
            for method in METHODS
            if (method, address) != ("get", "/api/wallet/")
        ],
    )


async def test_pages_of_the_web_app_are_shown_or_not_whatever_their_name(town: Town) -> None:
    names = ["%00", "%FF", "x" * 300, "x" * 5_000, "x/" * 500, "..%2F..%2Fetc%2Fpasswd", "%2F%2F", "%F0%9F%8D%9C"]
    for folder in ("", "assets/", "sandbox-bank/pages/"):
        for name in [*names, *(f"{name}.js" for name in names)]:
            answer = await town.send("get", f"/{folder}{name}")
            # 503: the web app is not built here.
            assert answer.status_code in (200, 404, 503), (folder, name[:50], answer.status_code, answer.text[:200])
            assert "root:" not in answer.text


async def test_a_refusal_names_the_field_that_is_wrong(town: Town) -> None:
    right: dict[str, Any] = {"card_id": str(UUID(int=1)), "amount_minor": 1, "pin": PIN}
    for field, wrong in (
        ("amount_minor", "1"),
        ("amount_minor", 0),
        ("pin", "1234567"),
        ("card_id", "x"),
        ("pin", None),
    ):
        for body in ({**right, field: wrong}, {name: right[name] for name in right if name != field}):
            sent = json.dumps(body).encode()
            problem = (await town.send("post", "/api/topups", town.headers("signed in"), sent)).json()
            assert problem["type"] == "/problems/invalid-request"
            assert [error["field"] for error in problem["errors"]] == [field]
            assert problem["detail"] == f"{field}: {problem['errors'][0]['message']}"


async def test_what_the_bad_ones_were_made_of_is_taken(town: Town) -> None:
    """Else they would have been refused for another reason than the one meant."""
    for method, path, operation in town.operations(("get", "post", "put", "patch")):
        body = town.meant_well(path, operation)
        if (body or method == "get") and not path.startswith(PASSING):
            question = "?handle=friend" if path.endswith("/search") else ""
            address, sent = town.address(path) + question, json.dumps(body).encode() if body else b""
            answer = await town.send(method, address, town.headers("signed in"), sent)
            assert answer.status_code < 300, f"{method} {path} {body}: {answer.text}"


async def nothing_is_written(town: Town, requests: list[Awaitable[None]]) -> None:
    """Send them all: each answer is right, and every table is as before."""
    before, town.tried, town.wrong = await town.written(), 0, []
    await asyncio.gather(*requests)
    assert not town.wrong, "\n".join(town.wrong)
    assert town.tried == len(requests) > 0
    assert await town.written() == before
