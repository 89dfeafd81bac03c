"""The WebSocket as clients meet it: who gets in, what is refused, how it ends."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import websockets
from picows import WSInvalidStatusError

from junzi.client import Client, ConnectionEnded, Refused
from junzi.gateway import connection
from junzi.gateway.model import SENDS_AT_ONCE, SENDS_PER_S
from junzi.kit import clock, ids
from junzi.people.model import SESSION_ENDED
from tests.support.house import Running
from tests.support.until import until


async def test_nobody_gets_in_without_a_session(served: Running) -> None:
    stranger = served.device()
    for token in ("", "nobody's", "x" * 5000):
        stranger.token = token
        with pytest.raises(ConnectionEnded) as ended:
            await stranger.connect()
        assert ended.value.code == 4401


async def test_a_page_of_another_site_does_not_get_in(served: Running) -> None:
    anna = await served.person("anna")
    for origin in ("https://elsewhere.example", "null", "http://127.0.0.1:1"):
        with pytest.raises(WSInvalidStatusError) as refused:
            await anna.connect(headers={"Origin": origin})
        assert refused.value.response is not None
        assert refused.value.response.status == 403
        assert b"/problems/wrong-origin" in refused.value.raw_body
    await anna.connect(headers={"Origin": served.url})


async def test_there_is_one_address_for_sockets(served: Running) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(served.url.replace("http", "ws") + "/api/me")
    assert refused.value.response.status_code == 404


async def test_what_is_sent_before_the_welcome_is_answered_after_it(served: Running) -> None:
    anna = await served.person("anna")
    async with _plain(anna) as socket:
        await socket.send('{"op":"ping"}')
        assert [msgspec.json.decode(await socket.recv())["op"] for _ in range(2)] == ["welcome", "pong"]


async def test_a_cookie_among_many_long_headers_is_found(served: Running) -> None:
    anna = await served.person("anna")
    headers = {"Cookie": f"first={'x' * 4000}; junzi_session={anna.token}; last=1", "X-Long": "y" * 6000}
    async with websockets.connect(_address(anna), additional_headers=headers) as socket:
        assert msgspec.json.decode(await socket.recv())["person_id"] == anna.me["id"]


@pytest.mark.parametrize(
    "frame",
    [
        "hello",
        "",
        "[]",
        "null",
        "7",
        '{"op":"shout"}',
        '{"op":"send"}',
        '{"op":"read","conversation_id":"x","seq":1}',
        '{"op":"read","conversation_id":"01920000-0000-7000-8000-000000000000","seq":1e40}',
        '{"op":"read","conversation_id":"01920000-0000-7000-8000-000000000000","seq":99999999999999999999}',
        '{"op":"read","conversation_id":"01920000-0000-7000-8000-000000000000","seq":-1}',
        "[" * 20_000,
        b'{"op":"\xff"}',
        b"\x00\x01",
    ],
)
async def test_a_frame_that_cannot_be_read_is_refused_in_words_and_the_next_is_taken(
    served: Running, frame: str | bytes
) -> None:
    anna = await served.person("anna")
    async with _plain(anna) as socket:
        await socket.recv()
        await socket.send(frame)
        refused = msgspec.json.decode(await socket.recv())
        assert refused["op"] == "refused"
        assert refused["problem"]["type"] == "/problems/invalid-request"
        assert refused["problem"]["detail"]
        await socket.send('{"op":"ping"}')
        assert msgspec.json.decode(await socket.recv()) == {"op": "pong"}


async def test_a_refusal_names_the_frame_it_is_about(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    anna.socket.send({"op": "send", "client_id": "a1", "conversation_id": "x", "kind": "text", "payload": {}})
    refused = await anna.receive("refused")
    assert (refused["client_id"], refused["problem"]["type"]) == ("a1", "/problems/invalid-request")


@pytest.mark.parametrize("size_bytes", [2_000_000, 64 * 1024 + 1, 20_000_000])
async def test_a_frame_that_is_too_large_is_refused_and_ends_the_connection(served: Running, size_bytes: int) -> None:
    anna = await served.person("anna")
    await anna.connect()
    anna.socket.send_raw(b"x" * size_bytes)
    refused = await anna.receive()
    assert (refused["op"], refused["problem"]["type"]) == ("refused", "/problems/frame-too-large")
    assert "64 KiB" in refused["problem"]["detail"]
    with pytest.raises(ConnectionEnded) as ended:
        await anna.receive()
    assert ended.value.code == 4413
    await anna.connect()


async def test_another_library_sees_the_same_end(served: Running) -> None:
    anna = await served.person("anna")
    async with _plain(anna) as socket:
        await socket.recv()
        await socket.send("x" * 2_000_000)
        assert msgspec.json.decode(await socket.recv())["problem"]["type"] == "/problems/frame-too-large"
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4413


async def test_a_message_in_parts_is_one_and_has_the_same_bound(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    anna.socket.send_raw(b'{"op":', last=False)
    anna.socket.send_raw(b'"ping"', first=False, last=False)
    anna.socket.send_raw(b"}", first=False)
    await anna.receive("pong")
    anna.socket.send_raw(b"x" * 40_000, last=False)
    anna.socket.send_raw(b"x" * 40_000, first=False, last=False)
    assert (await anna.receive("refused"))["problem"]["type"] == "/problems/frame-too-large"
    with pytest.raises(ConnectionEnded) as ended:
        await anna.receive()
    assert ended.value.code == 4413


async def test_many_small_frames_and_pings_are_never_too_large(served: Running) -> None:
    anna = await served.person("anna")
    async with _plain(anna) as socket:
        await socket.recv()
        for _ in range(800):
            await (await socket.ping("x" * 120))
        for _ in range(40):
            await socket.send('{"op":"ping"}' + " " * 10_000)
            assert msgspec.json.decode(await socket.recv()) == {"op": "pong"}


async def test_more_than_is_accepted_in_a_while_is_refused_as_busy(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    # However long the sending takes, nothing is allowed anew meanwhile.
    served.house.gateway.sends_per_s = 0
    await anna.connect()
    outcomes = await asyncio.gather(
        *(anna.send_text(conversation_id, f"{number}") for number in range(60)), return_exceptions=True
    )
    slugs = {outcome.slug for outcome in outcomes if isinstance(outcome, Refused)}
    sent = [outcome["seq"] for outcome in outcomes if isinstance(outcome, dict)]
    assert slugs == {"busy"}
    assert sent == sorted(sent)
    assert len(sent) == SENDS_AT_ONCE
    assert (await bela.get(f"/api/conversations/{conversation_id}/messages"))["head_seq"] == len(sent) + 1
    served.house.gateway.sends_per_s = SENDS_PER_S

    async def is_allowed_again() -> bool:
        [outcome] = await asyncio.gather(anna.send_text(conversation_id, "again"), return_exceptions=True)
        return isinstance(outcome, dict)

    await until(is_allowed_again)


async def test_what_waits_for_its_turn_is_bounded(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    for _ in range(500):
        anna.socket.send({"op": "ping"})
    answers = [(await anna.receive())["op"] for _ in range(500)]
    assert answers.count("pong") >= 64
    assert set(answers) <= {"pong", "refused"}


async def test_what_comes_behind_a_text_that_is_being_written_finds_it_there(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await anna.connect()
    first = await anna.send_text(conversation_id, "from here on nothing has to be asked")
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("b", "text", {"text": "second"}),
        ("c", "text", {"text": "  "}),
        ("d", "forward", {"conversation_id": conversation_id, "seq": first["seq"] + 1}),
        ("e", "text", {"text": "last", "mention_all": True}),
        ("f", "text", {"text": "last"}),
    ]
    for client_id, kind, payload in wanted:
        frame = {"op": "send", "client_id": client_id, "conversation_id": conversation_id}
        anna.socket.send({**frame, "kind": kind, "payload": payload})
    answers: dict[str, Any] = {}
    while len(answers) < len(wanted):
        frame = await anna.receive()
        if frame["op"] in ("sent", "refused"):
            answers[frame["client_id"]] = frame.get("seq") or frame["problem"]["type"]
    assert answers == {
        "b": first["seq"] + 1,
        "c": "/problems/message-empty",
        "d": first["seq"] + 2,
        "e": "/problems/not-allowed",
        "f": first["seq"] + 3,
    }
    page = await bela.get(f"/api/conversations/{conversation_id}/messages")
    assert [one["payload"].get("text") for one in page["messages"]][-3:] == ["second", "second", "last"]


async def test_a_revoked_device_is_cut_off_and_the_others_are_not(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    tablet = await served.second_device(anna)
    for device in (anna, tablet, bela):
        await device.connect()
    listed = (await anna.get("/api/sessions"))["sessions"]
    other = next(one["id"] for one in listed if not one["current"])
    await anna.request("DELETE", f"/api/sessions/{other}")
    with pytest.raises(ConnectionEnded) as ended:
        await tablet.receive()
    assert ended.value.code == 4401
    with pytest.raises(ConnectionEnded) as ended:
        await tablet.connect()
    assert ended.value.code == 4401
    await anna.ping()
    await bela.ping()


async def test_signing_out_closes_the_socket(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    await anna.request("DELETE", "/api/sessions/current")
    with pytest.raises(ConnectionEnded) as ended:
        await anna.receive()
    assert ended.value.code == 4401


async def test_a_session_that_ended_unheard_is_noticed(served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SEEN_EVERY_S", 0.0)
    anna = await served.person("anna")
    await anna.connect()
    await anna.ping()
    async with served.house.database.transaction() as tx:
        await tx.execute("delete from people.sessions")
    anna.socket.send({"op": "ping"})
    with pytest.raises(ConnectionEnded) as ended:
        await anna.receive()
    assert ended.value.code == 4401


async def test_a_socket_that_stays_open_overnight_is_active_the_next_day(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SEEN_EVERY_S", 0.0)
    query = "select count(*) from kit.outbox where type = 'people.active'"
    anna = await served.person("anna")
    await anna.connect()
    await anna.ping()
    assert await served.count(query) == 1
    clock.use(clock.SimulatedClock(clock.now() + timedelta(days=1)))
    try:
        await anna.ping()
        await anna.ping()
        assert await served.count(query) == 2
    finally:
        clock.use(None)


async def test_a_session_that_ends_while_it_is_checked_does_not_get_in(served: Running) -> None:
    anna = await served.person("anna")
    (session,) = (await anna.get("/api/sessions"))["sessions"]
    served.house.bus.publish(SESSION_ENDED, UUID(session["id"]))
    with pytest.raises(ConnectionEnded) as ended:
        await anna.connect()
    assert ended.value.code == 4401


async def test_a_session_that_cannot_be_checked_is_asked_to_come_again(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def out_of_reach(*_: object) -> None:
        raise OSError("no database")

    async def hanging(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(connection, "SESSION_CHECK_S", 0.05)
    anna = await served.person("anna")
    for check in (out_of_reach, hanging):
        monkeypatch.setattr(connection, "authenticate", check)
        with pytest.raises(ConnectionEnded) as ended:
            await anna.connect()
        assert ended.value.code == 1013


async def test_a_defect_is_told_without_details_and_the_connection_goes_on(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(connection.chat, "mark_read", broken)
    anna = await served.person("anna")
    await anna.connect()
    anna.mark_read(str(ids.new_id()), 1)
    problem = (await anna.receive("refused"))["problem"]
    assert (problem["type"], problem["status"]) == ("/problems/internal-error", 500)
    assert "secret" not in str(problem)
    await anna.ping()


async def test_a_device_that_reads_too_slowly_is_told_to_catch_up(served: Running) -> None:
    anna, bela = await served.person("anna"), await served.person("bela")
    conversation_id = await served.friends(anna, bela)
    await bela.connect()
    await bela.catch_up()
    bela.socket.stop_reading()
    senders = [await served.second_device(anna) for _ in range(4)]
    for sender in senders:
        await sender.connect()
    for number in range(36):
        # 30 KB as text and the same again as fallback, so that no buffer of the machine holds it all.
        await asyncio.gather(*(sender.send_text(conversation_id, f"{number}" + "面" * 9_990) for sender in senders))

    bela.socket.start_reading()
    told = 0
    while (await bela.receive())["op"] != "changed":
        told += 1
    assert told < 36 * 4

    seqs = [message["seq"] for message in await bela.catch_up() if message["conversation_id"] == conversation_id]
    assert seqs == list(range(2, 2 + 36 * 4))
    await anna.connect()
    sent = await anna.send_text(conversation_id, "are you there?")
    assert (await bela.receive("message"))["message"]["seq"] == sent["seq"]


async def test_a_device_that_vanishes_is_forgotten(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    assert len(served.server.server_state.connections) >= 1
    anna.socket.abort()
    await until(lambda: not served.house.gateway.is_online(_id(anna)))


async def test_when_the_server_ends_every_socket_is_told_and_it_ends_soon(served: Running) -> None:
    people = [await served.person(f"person_{number}") for number in range(5)]
    for person in people:
        await person.connect()
    people[0].socket.stop_reading()
    # Whoever reads nothing is not waited for; only a hang lasts this long.
    await asyncio.wait_for(served.stop(), 60)
    for person in people[1:]:
        with pytest.raises(ConnectionEnded) as ended:
            await person.receive()
        assert ended.value.code == 1012


def _plain(client: Client) -> Any:
    return websockets.connect(_address(client), additional_headers={"Cookie": f"junzi_session={client.token}"})


def _address(client: Client) -> str:
    return client.url.replace("http", "ws", 1) + "/ws"


def _id(client: Client) -> UUID:
    return UUID(client.me["id"])


async def test_what_was_told_before_the_end_still_arrives(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    (told,) = served.house.gateway._by_person[_id(anna)]
    for number in range(3):
        told.tell(msgspec.json.encode({"op": "test", "number": number}))
    told.close(connection.CloseCode.SESSION_ENDED)
    assert [(await anna.receive("test"))["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ConnectionEnded) as ended:
        await anna.receive()
    assert ended.value.code == 4401


async def test_frames_of_every_size_are_read_as_they_were_written(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    (told,) = served.house.gateway._by_person[_id(anna)]
    sizes = [1, 30, 100, 110, 65_000, 65_536, 70_000, 200_000, 5]
    for size in sizes:
        told.tell(msgspec.json.encode({"op": "test", "filling": "x" * size}))
    assert [len((await anna.receive("test"))["filling"]) for _ in sizes] == sizes


async def test_who_is_told_too_much_in_one_moment_is_told_to_look(served: Running) -> None:
    anna = await served.person("anna")
    await anna.connect()
    (told,) = served.house.gateway._by_person[_id(anna)]
    filling = msgspec.json.encode({"op": "test", "filling": "x" * 50_000})
    for _ in range(60):
        told.tell(filling)
    seen = [(await anna.receive())["op"] for _ in range(22)]
    assert seen == ["test"] * 21 + ["changed"]
    told.tell(filling)
    assert (await anna.receive())["op"] == "test"
    assert anna.pending_frames == 0
