"""Groups through the door: made, joined, led, left, and who may do what."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID, uuid4

import pytest

from junzi.chat import model
from junzi.client import Client, Refused
from tests.chat.talk import group, later, log, people, say, shown
from tests.support.house import Running


async def test_a_group_is_made_once_and_says_so(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    made = await group(served, anna, bela, cora)
    assert (made["kind"], made["title"], made["group"]["member_count"]) == ("group", "Hikers", 3)
    assert made["group"]["owner_id"] == anna.me["id"]
    assert [face["handle"] for face in made["group"]["faces"]] == ["anna", "bela", "cora"]
    assert made["unread"] == 0
    again = await anna.post(
        "/api/groups", {"id": made["id"], "name": "Hikers", "member_ids": [bela.me["id"], cora.me["id"]]}
    )
    assert again == made
    (note,) = await log(bela, made["id"])
    assert (note["kind"], note["sender_id"], note["payload"]["by"]["name"]) == ("group.made", None, "Anna")
    assert [one["name"] for one in note["payload"]["members"]] == ["Bela", "Cora"]
    assert (await shown(bela, made["id"]))["unread"] == 1


async def test_only_friends_are_taken_in(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    made = await group(served, anna, bela)
    for method, path, body in (
        ("POST", "/api/groups", {"id": str(uuid4()), "member_ids": [cora.me["id"]]}),
        ("POST", f"/api/groups/{made['id']}/members", {"member_ids": [cora.me["id"]]}),
    ):
        with pytest.raises(Refused, match="not-friends"):
            await anna.request(method, path, body)
    with pytest.raises(Refused, match="not-found"):
        await cora.get(f"/api/groups/{made['id']}/members")


async def test_whoever_joins_reads_from_there_on_and_whoever_is_gone_up_to_there(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    made = await group(served, anna, bela)
    await say(anna, made["id"], "before")
    await served.friends(anna, cora)
    await anna.post(f"/api/groups/{made['id']}/members", {"member_ids": [cora.me["id"], bela.me["id"]]})
    await say(anna, made["id"], "between")
    assert [one["kind"] for one in await log(cora, made["id"])] == ["group.joined", "text"]
    assert (await shown(cora, made["id"]))["unread"] == 2

    await anna.delete(f"/api/groups/{made['id']}/members/{cora.me['id']}")
    await say(anna, made["id"], "after")

    assert [one["kind"] for one in await log(cora, made["id"])] == ["group.joined", "text", "group.removed"]
    seen = await shown(cora, made["id"])
    assert (seen["left"], seen["head_seq"], seen["last"]["kind"]) == (True, 5, "group.removed")
    for wrong in (say(cora, made["id"], "let me in"), cora.get(f"/api/groups/{made['id']}/members")):
        with pytest.raises(Refused, match="not-allowed"):
            await wrong
    # Back again: what was said meanwhile stays theirs.
    await anna.post(f"/api/groups/{made['id']}/members", {"member_ids": [cora.me["id"]]})
    assert [one["seq"] for one in await log(cora, made["id"])] == [7]


async def test_who_may_do_what(served: Running) -> None:
    anna, bela, cora, dora = await people(served, "anna", "bela", "cora", "dora")
    id = (await group(served, anna, bela, cora, dora))["id"]
    ids = {client.me["handle"]: client.me["id"] for client in (anna, bela, cora, dora)}

    async def role(by: Client, whom: str, role: str) -> None:
        await by.put(f"/api/groups/{id}/members/{ids[whom]}/role", {"role": role})

    async def away(by: Client, whom: str) -> None:
        await by.delete(f"/api/groups/{id}/members/{ids[whom]}")

    async def refused(*wrong: Any) -> None:
        for one in wrong:
            with pytest.raises(Refused, match="not-allowed"):
                await one

    await refused(bela.patch(f"/api/groups/{id}", {"name": "Mine"}), bela.delete(f"/api/groups/{id}"))
    await refused(role(bela, "cora", "administrator"), away(bela, "cora"), away(anna, "anna"))
    await role(anna, "bela", "administrator")
    await role(anna, "cora", "administrator")
    await refused(away(bela, "cora"), away(bela, "anna"), role(bela, "dora", "administrator"))
    await away(bela, "dora")
    assert (await bela.patch(f"/api/groups/{id}", {"name": "Ours"}))["title"] == "Ours"
    await role(anna, "cora", "member")
    await role(anna, "bela", "owner")
    await refused(anna.patch(f"/api/groups/{id}", {"name": "Again mine"}), away(bela, "bela"))
    await away(anna, "anna")
    members = (await bela.get(f"/api/groups/{id}/members"))["members"]
    assert {one["person"]["handle"]: one["role"] for one in members} == {"bela": "owner", "cora": "member"}
    kinds = [one["kind"] for one in await log(bela, id)]
    assert kinds == [
        "group.made", "group.administrators", "group.administrators", "group.removed", "group.renamed",
        "group.administrators", "group.handed_over", "group.left",
    ]  # fmt: skip


async def test_in_a_muted_group_only_those_who_lead_it_write(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = (await group(served, anna, bela))["id"]
    await bela.connect()
    await bela.send_text(id, "hello")
    await anna.patch(f"/api/groups/{id}", {"mute_all": True})
    with pytest.raises(Refused, match="group-muted"):
        await bela.send_text(id, "still?")
    await say(anna, id, "read the notice")
    await anna.patch(f"/api/groups/{id}", {"mute_all": False})
    await bela.send_text(id, "thanks")
    with pytest.raises(Refused, match="not-allowed"):
        await say(bela, id, "@all", mention_all=True)


async def test_mentions_are_counted_until_they_are_read(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = (await group(served, anna, bela, cora))["id"]
    called = await say(bela, id, "@Anna", mentions=[anna.me["id"]])
    await say(bela, id, "and more")
    assert (await shown(anna, id))["mentioned_seq"] == called["seq"]
    assert (await shown(cora, id))["mentioned_seq"] is None
    everybody = await say(anna, id, "@all", mention_all=True)
    assert (await shown(cora, id))["mentioned_seq"] == everybody["seq"]
    assert (await shown(anna, id))["mentioned_seq"] is None


async def test_a_code_opens_the_group_while_whoever_made_it_may_invite(served: Running) -> None:
    anna, bela, cora, dora = await people(served, "anna", "bela", "cora", "dora")
    id = (await group(served, anna, bela))["id"]
    code = await bela.post(f"/api/groups/{id}/invitations")
    assert code["url"] == f"{served.url}/g/{code['token']}"
    assert code["svg"].startswith("<svg")
    seen = await cora.get(f"/api/group-invitations/{code['token']}")
    assert (seen["name"], seen["member_count"], seen["inviter"]["handle"], seen["is_member"]) == (
        "Hikers",
        2,
        "bela",
        False,
    )
    joined = await cora.post(f"/api/group-invitations/{code['token']}/acceptance")
    assert (joined["id"], joined["group"]["member_count"]) == (id, 3)
    assert (await cora.post(f"/api/group-invitations/{code['token']}/acceptance"))["group"]["member_count"] == 3
    (note,) = await log(cora, id)
    assert (note["payload"]["how"], note["payload"]["by"]["name"]) == ("code", "Bela")

    newer = await bela.post(f"/api/groups/{id}/invitations")
    await anna.patch(f"/api/groups/{id}", {"only_administrators_invite": True})
    for token in (code["token"], newer["token"], "x"):
        with pytest.raises(Refused, match="invitation-over"):
            await dora.post(f"/api/group-invitations/{token}/acceptance")
    with pytest.raises(Refused, match="not-allowed"):
        await bela.post(f"/api/groups/{id}/invitations")
    owners = await anna.post(f"/api/groups/{id}/invitations")
    with later(days=7), pytest.raises(Refused, match="invitation-over"):
        await dora.get(f"/api/group-invitations/{owners['token']}")


async def test_a_full_group_takes_nobody(served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = (await group(served, anna, bela))["id"]
    await served.friends(anna, cora)
    monkeypatch.setattr("junzi.chat.rules.MOST_GROUP_MEMBERS", 2)
    assert model.MOST_GROUP_MEMBERS == 5_000
    with pytest.raises(Refused, match="group-full"):
        await anna.post(f"/api/groups/{id}/members", {"member_ids": [cora.me["id"]]})


async def test_changes_at_the_same_moment_all_count(served: Running) -> None:
    anna, *others = await people(served, "anna", "bela", "cora", "dora", "edda")
    id = (await group(served, anna, others[0]))["id"]
    for other in others[1:]:
        await served.friends(anna, other)
    await asyncio.gather(
        *(anna.post(f"/api/groups/{id}/members", {"member_ids": [other.me["id"]]}) for other in others[1:]),
        anna.patch(f"/api/groups/{id}", {"name": "Together"}),
    )
    seen = await shown(anna, id)
    assert (seen["title"], seen["group"]["member_count"]) == ("Together", 5)
    assert [one["seq"] for one in await log(anna, id)] == list(range(1, 6))


async def test_whoever_joins_twice_or_is_handed_what_they_leave_leaves_no_trace_of_it(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = (await group(served, anna, bela))["id"]
    code = await anna.post(f"/api/groups/{id}/invitations")
    tablet = await served.second_device(cora)
    path = f"/api/group-invitations/{code['token']}/acceptance"
    await asyncio.gather(*(device.post(path) for device in (cora, tablet, cora, tablet)))
    assert [one["kind"] for one in await log(anna, id)] == ["group.made", "group.joined"]

    async def hands_over() -> None:
        with contextlib.suppress(Refused):
            await anna.put(f"/api/groups/{id}/members/{bela.me['id']}/role", {"role": "owner"})

    async def leaves(client: Client) -> None:
        with contextlib.suppress(Refused):
            await client.delete(f"/api/groups/{id}/members/{bela.me['id']}")

    await asyncio.gather(hands_over(), leaves(bela), leaves(bela))
    members = (await cora.get(f"/api/groups/{id}/members"))["members"]
    # Either was first: the owner is a member, and there is one.
    assert [one["role"] for one in members].count("owner") == 1


async def test_a_dissolved_group_stays_readable(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    id = (await group(served, anna, bela))["id"]
    await say(bela, id, "bye")
    await anna.delete(f"/api/groups/{id}")
    await anna.delete(f"/api/groups/{id}")
    assert (await shown(bela, id))["left"] is True
    assert [one["kind"] for one in await log(bela, id)] == ["group.made", "text", "group.dissolved"]
    with pytest.raises(Refused, match="not-allowed"):
        await say(bela, id, "hello?")


async def test_members_come_in_pages_with_their_nicknames(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = (await group(served, anna, bela, cora))["id"]
    await cora.put(f"/api/groups/{id}/nickname", {"nickname": "Co"})
    first = await anna.get(f"/api/groups/{id}/members?limit=2")
    last = first["members"][-1]["person"]["id"]
    rest = await anna.get(f"/api/groups/{id}/members?limit=2&after={last}")
    found = [*first["members"], *rest["members"]]
    assert (first["more"], rest["more"]) == (True, False)
    assert [UUID(one["person"]["id"]) for one in found] == sorted(UUID(one["person"]["id"]) for one in found)
    assert {one["person"]["handle"]: one["nickname"] for one in found} == {"anna": "", "bela": "", "cora": "Co"}
