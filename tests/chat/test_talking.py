"""Two friends talk, on several devices, some of which come and go."""

import asyncio
from typing import Any

import pytest

from junzi.client import Client, Refused
from tests.support.house import Running
from tests.support.until import until


async def test_a_message_reaches_every_device_of_both(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    devices = [anna, await served.second_device(anna), bela, await served.second_device(bela)]
    for device in devices:
        assert (await device.connect())["person_id"] == device.me["id"]

    sent = await anna.send_text(conversation_id, "面条 🍜?")

    for device in devices:
        message = (await device.receive("message"))["message"]
        assert (message["conversation_id"], message["seq"]) == (conversation_id, sent["seq"])
        assert (message["id"], message["sender_id"]) == (sent["client_id"], anna.me["id"])
        assert (message["kind"], message["payload"], message["fallback"]) == ("text", {"text": "面条 🍜?"}, "面条 🍜?")


async def test_a_greeting_is_the_first_message_of_whoever_asked(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela, "It is Anna from the bakery")
    (first,) = (await bela.get(f"/api/conversations/{conversation_id}/messages"))["messages"]
    assert (first["seq"], first["sender_id"], first["kind"]) == (1, anna.me["id"], "text")
    assert first["payload"] == {"text": "It is Anna from the bakery"}


async def test_without_a_greeting_the_house_says_that_they_are_friends(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela, "")
    (first,) = (await bela.get(f"/api/conversations/{conversation_id}/messages"))["messages"]
    assert (first["sender_id"], first["kind"]) == (None, "friends.made")
    assert first["fallback"]


async def test_a_resend_with_the_same_client_id_is_one_message(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    first = await anna.send_text(conversation_id, "once", client_id="0d9a6c1e")
    again = await anna.send_text(conversation_id, "once", client_id="0d9a6c1e")
    tablet = await served.second_device(anna)
    await tablet.connect()
    elsewhere = await tablet.send_text(conversation_id, "once", client_id="0d9a6c1e")
    assert first["seq"] == again["seq"] == elsewhere["seq"]
    assert first["at"] == again["at"] == elsewhere["at"]
    history = await bela.get(f"/api/conversations/{conversation_id}/messages")
    assert [message["fallback"] for message in history["messages"]] == ["hello", "once"]


async def test_resends_at_the_same_moment_are_one_message(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    devices = [anna, await served.second_device(anna), await served.second_device(anna)]
    for device in devices:
        await device.connect()
    sent = await asyncio.gather(*(device.send_text(conversation_id, "once", client_id="7b") for device in devices))
    assert len({one["seq"] for one in sent}) == 1
    assert (await bela.get(f"/api/conversations/{conversation_id}/messages"))["head_seq"] == 2


async def test_a_device_that_was_away_catches_up_by_cursor(served: Running) -> None:
    anna, bela, cora = [await served.person(handle) for handle in ("anna", "bela", "cora")]
    with_anna = await served.friends(anna, bela)
    with_cora = await served.friends(cora, bela)
    await bela.connect()
    await bela.catch_up()
    bela.socket.abort()
    await anna.connect()
    await cora.connect()
    for number in range(30):
        await anna.send_text(with_anna, f"a {number}")
    await asyncio.gather(*(cora.send_text(with_cora, f"c {number}") for number in range(10)))

    missed = await bela.catch_up()

    from_anna = [message for message in missed if message["conversation_id"] == with_anna]
    from_cora = [message for message in missed if message["conversation_id"] == with_cora]
    assert [message["fallback"] for message in from_anna] == [f"a {number}" for number in range(30)]
    assert [message["seq"] for message in from_anna] == list(range(2, 32))
    assert {message["fallback"] for message in from_cora} == {f"c {number}" for number in range(10)}
    assert len(missed) == 40
    assert await bela.catch_up() == []


async def test_a_new_device_gets_everything(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    for number in range(3):
        await anna.send_text(conversation_id, f"{number}")
    tablet = await served.second_device(bela)
    found = [message for message in await tablet.catch_up() if message["conversation_id"] == conversation_id]
    assert [message["fallback"] for message in found] == ["hello", "0", "1", "2"]


async def test_unread_and_read_state_agree_on_every_device(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    tablet = await served.second_device(bela)
    for device in (anna, bela, tablet):
        await device.connect()
    for number in range(3):
        await anna.send_text(conversation_id, f"{number}")
    assert await _unread(bela, conversation_id) == 4
    assert await _unread(anna, conversation_id) == 0

    bela.mark_read(conversation_id, 4)

    for device in (anna, bela, tablet):
        read = await device.receive("read")
        assert (read["conversation_id"], read["person_id"], read["seq"]) == (conversation_id, bela.me["id"], 4)
    assert await _unread(bela, conversation_id) == await _unread(tablet, conversation_id) == 0
    shown = await served.conversation(anna, kind="direct")
    assert (shown["peer"]["handle"], shown["peer_read_seq"]) == ("bela", 4)


async def test_history_is_read_in_stretches_by_sequence(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    for number in range(2, 8):
        await anna.send_text(conversation_id, f"{number}")
    path = f"/api/conversations/{conversation_id}/messages"

    async def stretch(query: str) -> list[int]:
        return [message["seq"] for message in (await bela.get(f"{path}?{query}"))["messages"]]

    assert await stretch("limit=3") == [5, 6, 7]
    assert await stretch("before=5&limit=3") == [2, 3, 4]
    assert await stretch("after=5") == [6, 7]
    assert await stretch("after=0&limit=2") == [1, 2]
    assert await stretch("after=7") == []


async def test_conversations_of_others_are_not_found(served: Running) -> None:
    anna, bela, eve = [await served.person(handle) for handle in ("anna", "bela", "eve")]
    conversation_id = await served.friends(anna, bela)
    await eve.connect()
    with pytest.raises(Refused, match="not-found"):
        await eve.get(f"/api/conversations/{conversation_id}/messages")
    with pytest.raises(Refused, match="not-found"):
        await eve.send_text(conversation_id, "let me in")
    eve.mark_read(conversation_id, 1)
    assert (await eve.receive("refused"))["problem"]["type"] == "/problems/not-found"
    assert (await anna.get(f"/api/conversations/{conversation_id}/messages"))["head_seq"] == 1


async def test_a_conversation_with_a_friend_is_opened_once(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    opened = await anna.post("/api/conversations", {"person_id": bela.me["id"]})
    assert (opened["id"], opened["kind"], opened["peer"]["id"]) == (conversation_id, "direct", bela.me["id"])
    assert (opened["request"], opened["left"], opened["group"]) == (None, False, None)


async def test_a_conversation_with_nobody_is_not_found(served: Running) -> None:
    anna = await served.person("anna")
    with pytest.raises(Refused, match="not-found"):
        await anna.post("/api/conversations", {"person_id": "01920000-0000-7000-8000-000000000000"})
    with pytest.raises(Refused, match="invalid-request"):
        await anna.post("/api/conversations", {"person_id": anna.me["id"]})


async def test_nobody_answers_a_service(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    await anna.post("/api/contacts/requests", {"person_id": bela.me["id"], "greeting": ""})
    notices = await served.conversation(bela, kind="service", service="contacts")
    assert (notices["peer"], notices["unread"]) == (None, 1)
    await bela.connect()
    with pytest.raises(Refused, match="not-allowed"):
        await bela.send_text(notices["id"], "thanks")


@pytest.mark.parametrize(
    ("payload", "slug"),
    [
        ({"text": ""}, "message-empty"),
        ({"text": " \n\t "}, "message-empty"),
        ({"text": "\u0000"}, "message-empty"),
        ({"text": "x" * 10_001}, "message-too-long"),
        ({"text": 7}, "invalid-request"),
        ({}, "invalid-request"),
    ],
)
async def test_what_is_no_text_is_refused_in_words(served: Running, payload: dict[str, object], slug: str) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    frame = {"op": "send", "conversation_id": conversation_id, "client_id": "a", "kind": "text", "payload": payload}
    anna.socket.send(frame)
    refused = await anna.receive("refused")
    assert (refused["client_id"], refused["problem"]["type"]) == ("a", f"/problems/{slug}")
    assert refused["problem"]["detail"]


async def test_the_longest_text_of_the_widest_characters_is_taken(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    text = "🍜" * 10_000
    sent = await anna.send_text(conversation_id, text)
    (message,) = (await bela.get(f"/api/conversations/{conversation_id}/messages?after={sent['seq'] - 1}"))["messages"]
    assert message["payload"]["text"] == text


async def test_characters_that_no_screen_shows_are_dropped(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    sent = await anna.send_text(conversation_id, "  one\r\ntwo\u0000\u0007  ")
    (message,) = (await bela.get(f"/api/conversations/{conversation_id}/messages?after={sent['seq'] - 1}"))["messages"]
    assert message["payload"]["text"] == "one\ntwo"


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("?cursor=-1", "invalid-request"),
        ("?cursor=99999999999999999999", "invalid-request"),
        ("?cursor=x", "invalid-request"),
        ("?limit=0", "invalid-request"),
        ("?limit=101", "invalid-request"),
        ("/x/messages", "not-found"),
        ("/01920000-0000-7000-8000-000000000000/messages", "not-found"),
        ("/01920000-0000-7000-8000-000000000000/messages?after=-1", "invalid-request"),
        ("/01920000-0000-7000-8000-000000000000/messages?before=x", "invalid-request"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(served: Running, query: str, slug: str) -> None:
    anna = await served.person("anna")
    with pytest.raises(Refused, match=slug):
        await anna.get(f"/api/conversations{query}")


async def test_the_list_comes_in_pages_that_leave_nothing_out(served: Running) -> None:
    anna = await served.person("anna")
    wanted = {await served.friends(anna, await served.person(f"friend_{number}")) for number in range(5)}
    await until(served.has_told)
    found, kept, below, more = [], 0, "", True
    while more:
        page = await anna.get(f"/api/conversations?cursor=0&limit=2{below}")
        changed = [one["changed_at"] for one in page["conversations"]]
        assert len(changed) <= 2
        assert changed == sorted(changed, reverse=True)
        found += [one["id"] for one in page["conversations"]]
        kept, below, more = kept or page["cursor"], f"&below={page['below']}", page["more"]
    assert wanted <= set(found)
    assert len(found) == len(set(found))
    assert (await anna.get(f"/api/conversations?cursor={kept}"))["conversations"] == []


async def test_the_list_takes_as_many_queries_for_many_conversations_as_for_one(served: Running) -> None:
    anna = await served.person("anna")
    await served.friends(anna, await served.person("bela"))
    one = await _queries_of_the_list(served, anna)
    for number in range(5):
        await served.friends(anna, await served.person(f"friend_{number}"))
    assert await _queries_of_the_list(served, anna) == one == 3


async def _unread(client: Client, conversation_id: str) -> int:
    page = await client.get("/api/conversations")
    return next(one["unread"] for one in page["conversations"] if one["id"] == conversation_id)


async def _queries_of_the_list(served: Running, client: Client) -> int:
    # The background asks for itself through the same pool: let it finish, and count only what rooms of people ask.
    await until(served.has_told)
    counted = 0

    def count(record: Any) -> None:
        nonlocal counted
        counted += any(room in record.query for room in ("people.", "contacts.", "messages."))

    pools = [served.house.database._pool, served.house.messages._reads._pool]
    connections = [holder._con for pool in pools for holder in pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(count)
    await client.get("/api/conversations")
    for connection in connections:
        connection.remove_query_logger(count)
    return counted
