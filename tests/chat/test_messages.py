"""The kinds of messages, what becomes of them afterwards, and what a person keeps about a conversation."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from junzi.client import Refused
from junzi.kit import clock
from tests.chat.talk import group, later, log, people, picture, say, send, shown
from tests.support.house import Running
from tests.support.voice import mp4_voice

WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"\0" * 30 + b"A_OPUS" + b"\1" * 50


async def test_pictures_carry_their_facts_and_are_read_by_whoever_reads_the_conversation(served: Running) -> None:
    anna, bela, eve = await people(served, "anna", "bela", "eve")
    id = await served.friends(anna, bela)
    small, large = await anna.upload("picture", picture()), await anna.upload("picture", picture(2000, 1000, "PNG"))
    pictures = [{"media_id": small["id"]}, {"media_id": large["id"], "original": True}]
    said = await send(anna, id, "pictures", {"pictures": pictures, "reply_to": 1})
    assert said["fallback"] == "[图片]"
    assert said["payload"]["reply_to"] == 1
    shape = [(one["width"], one["height"], one["type"], one["original"]) for one in said["payload"]["pictures"]]
    assert shape == [(40, 20, "image/jpeg", False), (2000, 1000, "image/png", True)]
    path = f"/api/conversations/{id}/media/{large['id']}"
    screen = await bela.raw("GET", f"{path}?size=screen")
    assert (screen.headers["content-type"], screen.headers["x-content-type-options"]) == ("image/webp", "nosniff")
    assert "sandbox" in screen.headers["content-security-policy"]
    assert (await bela.raw("GET", f"{path}?size=original")).headers["content-type"] == "image/png"
    for wrong in (
        bela.raw("GET", f"/api/conversations/{id}/media/{small['id']}?size=original"),
        bela.raw("GET", f"/api/media/{small['id']}"),
        eve.raw("GET", path),
        bela.raw("GET", f"/api/conversations/{id}/media/{uuid4()}"),
    ):
        with pytest.raises(Refused, match="not-found"):
            await wrong


async def test_a_voice_and_a_file(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    voice = await anna.upload("voice", WEBM)
    said = await send(anna, id, "voice", {"media_id": voice["id"], "duration_ms": 2_000})
    assert said["payload"] == {
        "media_id": voice["id"], "duration_ms": 2_000, "bytes": len(WEBM), "type": "audio/webm"
    }  # fmt: skip
    other = await bela.upload("voice", mp4_voice(2))
    said = await send(bela, id, "voice", {"media_id": other["id"], "duration_ms": 2_000})
    assert said["payload"]["type"] == "audio/mp4"
    page = await anna.upload("file", b"<html><script>alert(1)</script>", "../价目 表.html")
    said = await send(anna, id, "file", {"media_id": page["id"]})
    assert (said["payload"]["name"], said["fallback"]) == ("价目 表.html", "[文件] 价目 表.html")
    answer = await bela.raw("GET", f"/api/conversations/{id}/media/{page['id']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('价目 表.html')}"


async def test_a_message_shows_only_files_of_its_writer_and_kind(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    mine, theirs = await anna.upload("file", b"mine"), await bela.upload("picture", picture())
    for kind, payload in (
        ("pictures", {"pictures": [{"media_id": theirs["id"]}]}),
        ("pictures", {"pictures": [{"media_id": mine["id"]}]}),
        ("file", {"media_id": str(uuid4())}),
        ("voice", {"media_id": mine["id"], "duration_ms": 1}),
    ):
        with pytest.raises(Refused, match="media-gone"):
            await send(anna, id, kind, payload)
    with pytest.raises(Refused, match="not-found"):
        await bela.raw("GET", f"/api/conversations/{id}/media/{mine['id']}")


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("pictures", {"pictures": []}),
        ("pictures", {"pictures": [{"media_id": "x"}]}),
        ("pictures", {"pictures": [{"media_id": str(uuid4())}] * 10}),
        ("voice", {"media_id": str(uuid4()), "duration_ms": 60_001}),
        ("text", {"text": "x", "reply_to": 0}),
        ("text", {"text": "x", "mentions": [str(uuid4()) for _ in range(51)]}),
        ("payment", {}),
        ("recalled", {}),
        ("forward", {"seq": 1}),
    ],
)
async def test_what_is_no_message_is_refused(served: Running, kind: str, payload: dict[str, Any]) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    with pytest.raises(Refused, match="invalid-request"):
        await send(anna, id, kind, payload)
    assert (await shown(anna, id))["head_seq"] == 1


async def test_a_message_is_forwarded_with_its_files_and_without_whom_it_answered(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id, elsewhere = await served.friends(anna, bela), await served.friends(bela, cora)
    media = await anna.upload("picture", picture())
    said = await send(anna, id, "pictures", {"pictures": [{"media_id": media["id"]}], "reply_to": 1})
    passed = await send(bela, elsewhere, "forward", {"conversation_id": id, "seq": said["seq"]})
    assert (passed["kind"], passed["sender_id"]) == ("pictures", bela.me["id"])
    assert passed["payload"] == {"pictures": said["payload"]["pictures"]}
    assert await cora.raw("GET", f"/api/conversations/{elsewhere}/media/{media['id']}")
    again = await send(cora, elsewhere, "forward", {"conversation_id": elsewhere, "seq": passed["seq"]})
    assert again["payload"] == passed["payload"]
    # What is recalled where it came from is not recalled where it went.
    await anna.post(f"/api/conversations/{id}/recalls", {"seq": said["seq"]})
    assert await cora.raw("GET", f"/api/conversations/{elsewhere}/media/{media['id']}")
    with pytest.raises(Refused, match="not-forwardable"):
        await send(bela, elsewhere, "forward", {"conversation_id": id, "seq": said["seq"]})
    for wrong in ({"conversation_id": id, "seq": 9}, {"conversation_id": str(uuid4()), "seq": 1}):
        with pytest.raises(Refused, match="not-found"):
            await send(bela, elsewhere, "forward", wrong)
    with pytest.raises(Refused, match="not-found"):
        await send(cora, elsewhere, "forward", {"conversation_id": id, "seq": 1})


async def test_a_contact_card_is_of_a_friend(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = await served.friends(anna, bela)
    said = await send(anna, id, "contact", {"person_id": anna.me["id"]})
    assert (said["payload"]["handle"], said["fallback"]) == ("anna", "[名片] Anna")
    with pytest.raises(Refused, match="not-friends"):
        await send(anna, id, "contact", {"person_id": cora.me["id"]})


async def test_a_message_is_recalled_within_two_minutes_by_its_writer(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    media = await anna.upload("file", b"secret")
    said = await send(anna, id, "file", {"media_id": media["id"]})
    late = await say(anna, id, "too late")
    with pytest.raises(Refused, match="not-allowed"):
        await bela.post(f"/api/conversations/{id}/recalls", {"seq": said["seq"]})
    gone = await anna.post(f"/api/conversations/{id}/recalls", {"seq": said["seq"]})
    assert (gone["kind"], gone["payload"], gone["seq"], gone["id"]) == ("recalled", {}, said["seq"], said["id"])
    assert await anna.post(f"/api/conversations/{id}/recalls", {"seq": said["seq"]}) == gone
    assert (await log(bela, id))[1] == gone
    assert "secret" not in str(await log(bela, id))
    with pytest.raises(Refused, match="not-found"):
        await bela.raw("GET", f"/api/conversations/{id}/media/{media['id']}")
    with later(minutes=3), pytest.raises(Refused, match="recall-too-late"):
        await anna.post(f"/api/conversations/{id}/recalls", {"seq": late["seq"]})
    with pytest.raises(Refused, match="not-found"):
        await anna.post(f"/api/conversations/{id}/recalls", {"seq": 99})


async def test_what_i_delete_is_gone_for_me_alone(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    for number in range(3):
        await say(bela, id, f"{number}")
    await anna.post(f"/api/conversations/{id}/deletions", {"seqs": [4, 99]})
    mine = await log(anna, id)
    assert [(one["seq"], one["kind"], one["fallback"]) for one in mine[2:]] == [(3, "text", "1"), (4, "deleted", "")]
    assert (await shown(anna, id))["last"]["seq"] == 3
    assert (await log(bela, id))[3]["fallback"] == "2"
    await anna.post(f"/api/conversations/{id}/deletions", {"up_to_seq": 3})
    assert [one["seq"] for one in await log(anna, id)] == [4]
    seen = await shown(anna, id)
    assert (seen["last"], seen["from_seq"], seen["unread"]) == (None, 3, 1)
    with pytest.raises(Refused, match="invalid-request"):
        await anna.post(f"/api/conversations/{id}/deletions", {})


async def test_the_log_is_entered_at_a_date(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    start = clock.now()
    for day in range(1, 4):
        with later(days=day):
            await say(bela, id, f"day {day}")
            await say(bela, id, f"evening {day}")
    since = (start + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    found = await log(bela, id, f"since={since}&limit=2")
    assert [one["fallback"] for one in found] == ["day 2", "evening 2"]
    assert await log(bela, id, f"since={quote((start + timedelta(days=9)).isoformat())}") == []
    assert len(await log(bela, id, "since=2020-01-01T00:00:00Z")) == 7
    for wrong in ("yesterday", "2026-01-01T00:00:00"):
        with pytest.raises(Refused, match="invalid-request"):
            await log(bela, id, f"since={wrong}")


async def test_what_a_person_keeps_is_the_same_on_their_devices_and_nobody_elses(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    tablet = await served.second_device(anna)
    await tablet.connect()
    await bela.connect()
    draft = {"text": " half a thought\n", "reply_to": 1}
    wanted = {"pinned": True, "muted": True, "marked_unread": True, "draft": draft}
    kept = await anna.patch(f"/api/conversations/{id}/mine", wanted)
    assert (kept["muted"], kept["marked_unread"], kept["hidden"]) == (True, True, False)
    assert (kept["draft"]["text"], kept["draft"]["reply_to"]) == (draft["text"], 1)
    assert datetime.fromisoformat(kept["pinned_at"])
    assert (await tablet.receive("mine"))["mine"] == kept
    assert (await anna.patch(f"/api/conversations/{id}/mine", {"pinned": True}))["pinned_at"] == kept["pinned_at"]
    nothing = {"pinned": False, "muted": False, "marked_unread": False, "draft": None}
    empty = await anna.patch(f"/api/conversations/{id}/mine", nothing)
    assert empty == {"pinned_at": None, "muted": False, "hidden": False, "marked_unread": False, "draft": None}
    await bela.ping()
    assert bela.pending_frames == 0


async def test_somebody_is_seen_writing_by_the_others_alone(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = (await group(served, anna, bela, cora))["id"]
    for client in (anna, bela, cora):
        await client.connect()
    anna.type(id)
    anna.type(id)
    for client in (bela, cora):
        frame = await client.receive("typing")
        assert (frame["conversation_id"], frame["person_id"]) == (id, anna.me["id"])
        await client.ping()
        assert client.pending_frames == 0
    await anna.ping()
    anna.type(str(uuid4()))
    await anna.ping()
    assert anna.pending_frames == 0


async def test_a_device_that_was_away_learns_what_was_recalled(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = await served.friends(anna, bela)
    said = [await say(anna, id, f"{number}") for number in range(3)]
    cursor = (await bela.get("/api/conversations"))["cursor"]
    await anna.post(f"/api/conversations/{id}/recalls", {"seq": said[1]["seq"]})
    (changed,) = (await bela.get(f"/api/conversations?cursor={cursor}"))["conversations"]
    assert [(one["seq"], one["kind"]) for one in changed["edited"]] == [(said[1]["seq"], "recalled")]
    assert (changed["stale"], changed["unread"]) == (False, 4)
