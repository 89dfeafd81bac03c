"""What a device keeps up by what it is told equals what a fresh device is told, for every kind of event."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from junzi.client import Client, Mirror
from tests.chat.talk import group, keeps, log, people, picture, say, send, shown
from tests.support.house import Running
from tests.support.until import until
from tests.support.voice import mp4_voice

Scene = tuple[Running, Client, Client, Client, str, str]
Event = Callable[[Running, Client, Client, Client, str, str], Awaitable[object]]

EVENTS: dict[str, Event] = {
    "a text of a friend": lambda served, anna, bela, cora, direct, crowd: say(bela, direct, "hello"),
    "a text of mine": lambda served, anna, bela, cora, direct, crowd: say(anna, direct, "hello"),
    "a text in the group": lambda served, anna, bela, cora, direct, crowd: say(cora, crowd, "hello"),
    "a mention": lambda served, anna, bela, cora, direct, crowd: say(cora, crowd, "@a", mentions=[anna.me["id"]]),
    "a mention of all": lambda served, anna, bela, cora, direct, crowd: say(bela, crowd, "@all", mention_all=True),
    "a reply": lambda served, anna, bela, cora, direct, crowd: say(bela, direct, "yes", reply_to=1),
    "a contact card": lambda served, anna, bela, cora, direct, crowd: send(
        bela, direct, "contact", {"person_id": cora.me["id"]}
    ),
    "reading": lambda served, anna, bela, cora, direct, crowd: connects_and_reads(bela, direct),
    "my reading": lambda served, anna, bela, cora, direct, crowd: reads(anna, crowd),
    "a recall": lambda served, anna, bela, cora, direct, crowd: recalls(bela, direct),
    "a recall of the newest": lambda served, anna, bela, cora, direct, crowd: recalls(bela, crowd, newest=True),
    "pinned": lambda served, anna, bela, cora, direct, crowd: keeps(anna, direct, pinned=True),
    "muted": lambda served, anna, bela, cora, direct, crowd: keeps(anna, direct, muted=True),
    "hidden": lambda served, anna, bela, cora, direct, crowd: keeps(anna, direct, hidden=True),
    "hidden until a message": lambda served, anna, bela, cora, direct, crowd: hides_and_hears(anna, bela, direct),
    "marked as unread": lambda served, anna, bela, cora, direct, crowd: keeps(anna, direct, marked_unread=True),
    "a draft": lambda served, anna, bela, cora, direct, crowd: keeps(anna, direct, draft={"text": "so", "reply_to": 1}),
    "deleted for me": lambda served, anna, bela, cora, direct, crowd: anna.post(
        f"/api/conversations/{direct}/deletions", {"seqs": [1, 2]}
    ),
    "cleared for me": lambda served, anna, bela, cora, direct, crowd: anna.post(
        f"/api/conversations/{direct}/deletions", {"up_to_seq": 9}
    ),
    "a group's name": lambda served, anna, bela, cora, direct, crowd: bela.patch(
        f"/api/groups/{crowd}", {"name": "Climbers", "notice": "Sunday!"}
    ),
    "a muted group": lambda served, anna, bela, cora, direct, crowd: bela.patch(
        f"/api/groups/{crowd}", {"mute_all": True}
    ),
    "a nickname": lambda served, anna, bela, cora, direct, crowd: anna.put(
        f"/api/groups/{crowd}/nickname", {"nickname": "Annie"}
    ),
    "an administrator": lambda served, anna, bela, cora, direct, crowd: bela.put(
        f"/api/groups/{crowd}/members/{anna.me['id']}/role", {"role": "administrator"}
    ),
    "handed over": lambda served, anna, bela, cora, direct, crowd: bela.put(
        f"/api/groups/{crowd}/members/{anna.me['id']}/role", {"role": "owner"}
    ),
    "somebody leaves": lambda served, anna, bela, cora, direct, crowd: cora.delete(
        f"/api/groups/{crowd}/members/{cora.me['id']}"
    ),
    "I leave": lambda served, anna, bela, cora, direct, crowd: anna.delete(
        f"/api/groups/{crowd}/members/{anna.me['id']}"
    ),
    "I am removed": lambda served, anna, bela, cora, direct, crowd: bela.delete(
        f"/api/groups/{crowd}/members/{anna.me['id']}"
    ),
    "dissolved": lambda served, anna, bela, cora, direct, crowd: bela.delete(f"/api/groups/{crowd}"),
    "a new group": lambda served, anna, bela, cora, direct, crowd: bela.post(
        "/api/groups", {"id": str(uuid4()), "member_ids": [anna.me["id"]]}
    ),
    "a stranger": lambda served, anna, bela, cora, direct, crowd: stranger_writes(cora, anna),
    "a stranger who is accepted": lambda served, anna, bela, cora, direct, crowd: stranger_is_accepted(cora, anna),
    "pictures": lambda served, anna, bela, cora, direct, crowd: sends_media(
        bela, direct, "picture", lambda id: {"pictures": [{"media_id": id}]}
    ),
    "a voice": lambda served, anna, bela, cora, direct, crowd: sends_media(
        bela, direct, "voice", lambda id: {"media_id": id, "duration_ms": 1_000}
    ),
    "a file": lambda served, anna, bela, cora, direct, crowd: sends_media(
        bela, direct, "file", lambda id: {"media_id": id}
    ),
    "a forward": lambda served, anna, bela, cora, direct, crowd: send(
        bela, direct, "forward", {"conversation_id": crowd, "seq": 2}
    ),
    "a recall of what called me": lambda served, anna, bela, cora, direct, crowd: calls_and_recalls(bela, anna, crowd),
    "a mention that I read": lambda served, anna, bela, cora, direct, crowd: calls_and_is_read(bela, anna, crowd),
    "no draft any more": lambda served, anna, bela, cora, direct, crowd: drafts_and_drops(anna, direct),
    "who invites": lambda served, anna, bela, cora, direct, crowd: bela.patch(
        f"/api/groups/{crowd}", {"only_administrators_invite": True}
    ),
    "somebody joins by code": lambda served, anna, bela, cora, direct, crowd: joins_by_code(served, bela, crowd),
    "I join again": lambda served, anna, bela, cora, direct, crowd: joins_again(bela, anna, crowd),
}


@pytest.mark.parametrize("event", EVENTS)
async def test_what_is_kept_up_equals_what_is_fetched_fresh(served: Running, event: str) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    direct = await served.friends(anna, bela)
    crowd = (await group(served, bela, anna, cora))["id"]
    for number in range(3):
        await say(bela, direct, f"{number}")
        await say(bela, crowd, f"{number}")
    await say(anna, direct, "mine")
    kept = await connected(anna)
    asleep = Mirror(await served.second_device(anna))
    await asleep.pull()
    before = kept.picture()

    await EVENTS[event](served, anna, bela, cora, direct, crowd)

    async def agree() -> bool:
        while kept.client.pending_frames:
            await kept.take(await kept.client.receive())
        return kept.picture() == await fresh(served, anna) != before

    await until(agree, timeout_s=10)
    # A device that was away learns the same from one call.
    await asleep.pull()
    assert asleep.picture() == kept.picture()


async def connected(client: Client) -> Mirror:
    mirror = Mirror(client)
    await mirror.take(await client.connect())
    return mirror


async def fresh(served: Running, client: Client) -> dict[str, object]:
    device = Mirror(await served.same_device(client))
    await device.pull()
    return device.picture()


async def connects_and_reads(client: Client, conversation_id: str) -> None:
    await client.connect()
    await reads(client, conversation_id)
    await client.ping()


async def reads(client: Client, conversation_id: str) -> None:
    client.mark_read(conversation_id, 9)


async def recalls(client: Client, conversation_id: str, *, newest: bool = False) -> None:
    messages = [
        one
        for one in await log(client, conversation_id)
        if one["sender_id"] == client.me["id"] and one["kind"] == "text"
    ]
    seq = messages[-1 if newest else -2]["seq"]
    await client.post(f"/api/conversations/{conversation_id}/recalls", {"seq": seq})


async def hides_and_hears(anna: Client, bela: Client, direct: str) -> None:
    await keeps(anna, direct, hidden=True)
    await say(bela, direct, "wait")
    await keeps(anna, direct, pinned=True)
    assert (await shown(anna, direct))["mine"]["hidden"] is False


async def stranger_writes(cora: Client, anna: Client) -> str:
    opened = await cora.post("/api/conversations", {"person_id": anna.me["id"]})
    await say(cora, opened["id"], "May I?")
    return str(opened["id"])


async def stranger_is_accepted(cora: Client, anna: Client) -> None:
    id = await stranger_writes(cora, anna)
    await anna.post(f"/api/conversations/{id}/acceptance")


async def sends_media(client: Client, id: str, kind: str, payload: Callable[[str], dict[str, Any]]) -> None:
    content = {"picture": picture(), "voice": mp4_voice(), "file": b"a file"}[kind]
    media = await client.upload(kind, content)
    await send(client, id, "pictures" if kind == "picture" else kind, payload(media["id"]))


async def calls_and_recalls(bela: Client, anna: Client, crowd: str) -> None:
    called = await say(bela, crowd, "@a", mentions=[anna.me["id"]])
    await bela.post(f"/api/conversations/{crowd}/recalls", {"seq": called["seq"]})


async def calls_and_is_read(bela: Client, anna: Client, crowd: str) -> None:
    await say(bela, crowd, "@a", mentions=[anna.me["id"]])
    await reads(anna, crowd)


async def drafts_and_drops(anna: Client, direct: str) -> None:
    await keeps(anna, direct, draft={"text": "so"}, pinned=True)
    await keeps(anna, direct, draft=None)


async def joins_by_code(served: Running, bela: Client, crowd: str) -> None:
    dora = await served.person("dora")
    code = await bela.post(f"/api/groups/{crowd}/invitations")
    await dora.post(f"/api/group-invitations/{code['token']}/acceptance")


async def joins_again(bela: Client, anna: Client, crowd: str) -> None:
    await bela.delete(f"/api/groups/{crowd}/members/{anna.me['id']}")
    await say(bela, crowd, "without her")
    await bela.post(f"/api/groups/{crowd}/members", {"member_ids": [anna.me["id"]]})
    await say(bela, crowd, "with her")
