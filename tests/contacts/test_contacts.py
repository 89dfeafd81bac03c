"""Find each other, ask, accept."""

import asyncio
from datetime import timedelta

import pytest

from junzi.client import Client, Refused
from junzi.kit import clock
from tests.support.house import Running
from tests.support.until import until


async def test_two_become_friends(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    found = await anna.get("/api/contacts/search?handle=BELA")
    assert (found["person"]["id"], found["relation"], found["request_id"]) == (bela.me["id"], "none", None)

    request = await anna.post("/api/contacts/requests", {"person_id": bela.me["id"], "greeting": " From the bakery "})
    assert (request["person"]["handle"], request["greeting"]) == ("bela", "From the bakery")
    assert await _relation(anna, "bela") == ("requested", request["id"])
    assert await _relation(bela, "anna") == ("requesting", request["id"])
    assert [one["id"] for one in (await anna.get("/api/contacts/requests"))["outgoing"]] == [request["id"]]
    (incoming,) = (await bela.get("/api/contacts/requests"))["incoming"]
    assert (incoming["id"], incoming["person"]["handle"]) == (request["id"], "anna")

    contact = await bela.post(f"/api/contacts/requests/{request['id']}/acceptance")
    assert contact["person"]["handle"] == "anna"
    assert await _relation(anna, "bela") == await _relation(bela, "anna") == ("friend", None)
    for one, other in ((anna, "bela"), (bela, "anna")):
        assert [contact["person"]["handle"] for contact in (await one.get("/api/contacts"))["contacts"]] == [other]
        assert await one.get("/api/contacts/requests") == {"incoming": [], "outgoing": []}


async def test_both_are_told_in_the_conversation_of_the_service(served: Running) -> None:
    anna, bela = await served.person("anna", "安娜"), await served.person("bela", "Béla")
    await bela.connect()
    request = await anna.post("/api/contacts/requests", {"person_id": bela.me["id"], "greeting": "hi"})
    told = await served.conversation(bela, kind="service", service="contacts")
    asked = told["last"]
    assert (asked["kind"], asked["sender_id"], told["unread"]) == ("contact.requested", None, 1)
    person = {name: anna.me[name] for name in ("id", "handle", "name", "avatar")}
    assert asked["payload"] == {"request_id": request["id"], "person": person, "greeting": "hi"}
    assert "安娜" in asked["fallback"]
    assert (await bela.receive("message"))["message"]["kind"] == "contact.requested"

    await bela.post(f"/api/contacts/requests/{request['id']}/acceptance")
    accepted = (await served.conversation(anna, kind="service", service="contacts"))["last"]
    assert accepted["kind"] == "contact.accepted"
    assert accepted["payload"]["person"]["handle"] == "bela"


async def test_asking_again_is_the_same_request(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    wanted = {"person_id": bela.me["id"], "greeting": "hi"}
    requests = await asyncio.gather(*(anna.post("/api/contacts/requests", wanted) for _ in range(5)))
    assert len({request["id"] for request in requests}) == 1
    assert await served.count("select count(*) from kit.outbox where type = 'contacts.requested'") == 1


async def test_two_who_ask_each_other_are_friends(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    await asyncio.gather(
        anna.post("/api/contacts/requests", {"person_id": bela.me["id"], "greeting": "a"}),
        bela.post("/api/contacts/requests", {"person_id": anna.me["id"], "greeting": "b"}),
    )
    assert await _relation(anna, "bela") == ("friend", None)
    assert await served.count("select count(*) from contacts.friendships") == 2
    assert await served.count("select count(*) from kit.outbox where type = 'contacts.accepted'") == 1


async def test_accepting_again_changes_nothing(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    request = await anna.post("/api/contacts/requests", {"person_id": bela.me["id"], "greeting": ""})
    path = f"/api/contacts/requests/{request['id']}/acceptance"
    answers = await asyncio.gather(*(bela.post(path) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert await served.count("select count(*) from kit.outbox where type = 'contacts.accepted'") == 1


async def test_only_whoever_was_asked_accepts(served: Running) -> None:
    anna, bela, eve = [await served.person(handle) for handle in ("anna", "bela", "eve")]
    request = await anna.post("/api/contacts/requests", {"person_id": bela.me["id"], "greeting": ""})
    for other in (anna, eve):
        with pytest.raises(Refused, match="not-found"):
            await other.post(f"/api/contacts/requests/{request['id']}/acceptance")
    assert await _relation(anna, "bela") == ("requested", request["id"])


async def test_what_cannot_be_asked_is_said(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    for wanted, slug in (
        ({"person_id": anna.me["id"], "greeting": ""}, "invalid-request"),
        ({"person_id": "01920000-0000-7000-8000-000000000000", "greeting": ""}, "not-found"),
        ({"person_id": "bela", "greeting": ""}, "invalid-request"),
        ({"person_id": bela.me["id"], "greeting": "x" * 101}, "invalid-request"),
        ({"person_id": bela.me["id"], "greeting": "a\u0000b"}, "invalid-request"),
    ):
        with pytest.raises(Refused, match=slug):
            await anna.post("/api/contacts/requests", wanted)
    await served.friends(anna, bela)
    with pytest.raises(Refused, match="already-friends"):
        await bela.post("/api/contacts/requests", {"person_id": anna.me["id"], "greeting": ""})


async def test_a_person_is_found_by_exact_handle_alone(served: Running) -> None:
    anna = await served.person("anna")
    await served.person("bela")
    for handle in ("bel", "bela_", "", "%25", "b%00la", "%E5%A8%9C"):
        with pytest.raises(Refused, match="not-found"):
            await anna.get(f"/api/contacts/search?handle={handle}")
    assert await _relation(anna, "anna") == ("self", None)


async def test_fifty_people_are_asked_in_a_day(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    async with served.house.database.transaction() as tx:
        await tx.execute(
            "insert into contacts.requests (id, from_id, to_id, greeting, created_at)"
            " select gen_random_uuid(), $1, gen_random_uuid(), '', $2 from generate_series(1, 50)",
            anna.me["id"],
            clock.now() - timedelta(hours=23),
        )
    wanted = {"person_id": bela.me["id"], "greeting": ""}
    with pytest.raises(Refused, match="too-many-attempts") as caught:
        await anna.post("/api/contacts/requests", wanted)
    assert caught.value.problem["retry_at"]
    async with served.house.database.transaction() as tx:
        await tx.execute("update contacts.requests set created_at = created_at - interval '2 hours'")
    await anna.post("/api/contacts/requests", wanted)


async def test_an_event_that_is_delivered_twice_is_told_once(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await served.conversation(anna, kind="service", service="contacts")
    async with served.house.database.transaction() as tx:
        await tx.execute("update kit.outbox set delivered_at = null")
    delivered = "select count(*) = 0 from kit.outbox where delivered_at is null"
    await until(lambda: served.count(delivered))
    assert (await anna.get(f"/api/conversations/{conversation_id}/messages"))["head_seq"] == 1
    assert (await served.conversation(anna, kind="service", service="contacts"))["head_seq"] == 1
    assert (await served.conversation(bela, kind="service", service="contacts"))["head_seq"] == 1


async def _relation(client: Client, handle: str) -> tuple[str, str | None]:
    found = await client.get(f"/api/contacts/search?handle={handle}")
    return found["relation"], found["request_id"]
