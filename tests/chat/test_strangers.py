"""People who do not know each other: message requests, blocks and reports."""

from uuid import UUID, uuid4

import pytest

from junzi.client import Refused
from junzi.operators.actions import make_administrator
from tests.chat.talk import group, later, log, people, say, send, shown
from tests.support.house import Running
from tests.support.until import until


async def test_a_stranger_writes_three_texts_and_waits(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    opened = await anna.post("/api/conversations", {"person_id": bela.me["id"]})
    assert opened["request"] == "outgoing"
    with pytest.raises(Refused, match="not-allowed"):
        await send(anna, opened["id"], "contact", {"person_id": anna.me["id"]})
    await anna.connect()
    for number in range(3):
        await anna.send_text(opened["id"], f"{number}")
    with pytest.raises(Refused, match="request-waiting"):
        await anna.send_text(opened["id"], "4")
    seen = await shown(bela, opened["id"])
    assert (seen["request"], seen["unread"], seen["peer"]["handle"]) == ("incoming", 3, "anna")

    accepted = await bela.post(f"/api/conversations/{opened['id']}/acceptance")

    assert accepted["request"] is None
    await bela.post(f"/api/conversations/{opened['id']}/acceptance")
    await anna.send_text(opened["id"], "thanks")
    assert [one["kind"] for one in await log(anna, opened["id"])][-2:] == ["request.accepted", "text"]
    for wrong in (
        anna.post(f"/api/conversations/{opened['id']}/acceptance"),
        anna.post(f"/api/conversations/{uuid4()}/acceptance"),
    ):
        with pytest.raises(Refused, match="not-found"):
            await wrong


async def test_whoever_answers_has_accepted(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    opened = await anna.post("/api/conversations", {"person_id": bela.me["id"]})
    await say(anna, opened["id"], "hello")
    await say(bela, opened["id"], "who is it?")
    assert (await shown(bela, opened["id"]))["request"] is None
    for number in range(5):
        await say(anna, opened["id"], f"{number}")


async def test_strangers_who_become_friends_need_no_acceptance(served: Running) -> None:
    anna, bela = await people(served, "anna", "bela")
    opened = await anna.post("/api/conversations", {"person_id": bela.me["id"]})
    await say(anna, opened["id"], "hello")
    assert await served.friends(anna, bela) == opened["id"]

    async def is_taken() -> bool:
        return (await shown(bela, opened["id"]))["request"] is None

    await until(is_taken)
    await send(anna, opened["id"], "contact", {"person_id": anna.me["id"]})


async def test_ten_strangers_a_day(served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("junzi.chat.rules.MOST_STRANGERS_A_DAY", 1)
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    opened = await anna.post("/api/conversations", {"person_id": bela.me["id"]})
    with pytest.raises(Refused, match="too-many-strangers"):
        await anna.post("/api/conversations", {"person_id": cora.me["id"]})
    assert (await anna.post("/api/conversations", {"person_id": bela.me["id"]}))["id"] == opened["id"]
    with later(days=1, minutes=1):
        await anna.post("/api/conversations", {"person_id": cora.me["id"]})


async def test_who_is_blocked_reaches_one_no_more(served: Running) -> None:
    anna, bela, cora = await people(served, "anna", "bela", "cora")
    id = await served.friends(anna, bela)
    code = await bela.post(f"/api/groups/{(await group(served, bela, cora))['id']}/invitations")
    await bela.connect()
    await bela.send_text(id, "hello")

    await anna.put(f"/api/blocks/{bela.me['id']}")
    await anna.put(f"/api/blocks/{cora.me['id']}")

    assert [one["handle"] for one in (await anna.get("/api/blocks"))["people"]] == ["cora", "bela"]
    with pytest.raises(Refused, match="not-accepted"):
        await bela.send_text(id, "are you there?")
    for wrong in (
        say(anna, id, "I am"),
        cora.post("/api/conversations", {"person_id": anna.me["id"]}),
        cora.post("/api/contacts/requests", {"person_id": anna.me["id"], "greeting": ""}),
        anna.post(f"/api/group-invitations/{code['token']}/acceptance"),
    ):
        with pytest.raises(Refused, match="not-accepted"):
            await wrong
    with pytest.raises(Refused, match="not-friends"):
        await bela.post("/api/groups", {"id": str(uuid4()), "member_ids": [anna.me["id"]]})
    await anna.delete(f"/api/blocks/{bela.me['id']}")
    await bela.send_text(id, "good")
    with pytest.raises(Refused, match="invalid-request"):
        await anna.put(f"/api/blocks/{anna.me['id']}")


async def test_the_operator_gets_the_chosen_messages_and_no_others(served: Running) -> None:
    anna, bela, chief = await people(served, "anna", "bela", "chief")
    id = await served.friends(anna, bela)
    async with served.house.database.transaction() as tx:
        await make_administrator(tx, UUID(chief.me["id"]))
    said = [await say(bela, id, text) for text in ("private", "send me money", "private too")]
    report = {
        "id": str(uuid4()), "conversation_id": id, "seqs": [said[1]["seq"]], "reason": "fraud", "note": "Again!"
    }  # fmt: skip
    await anna.post("/api/reports", report)
    await anna.post("/api/reports", report)
    # What is recalled afterwards was read all the same.
    await bela.post(f"/api/conversations/{id}/recalls", {"seq": said[1]["seq"]})
    (found,) = (await chief.get("/api/ops/reports"))["reports"]
    assert [one["payload"]["text"] for one in found["messages"]] == ["send me money"]
    assert (found["reporter"]["handle"], found["reason"], found["note"]) == ("anna", "fraud", "Again!")
    assert [one["handle"] for one in found["reported"]] == ["bela"]
    await chief.post(f"/api/ops/reports/{report['id']}/outcome", {"outcome": "warned"})
    assert (await chief.get("/api/ops/reports"))["reports"] == []
    (closed,) = (await chief.get("/api/ops/reports?open=false"))["reports"]
    assert closed["outcome"] == "warned"
    with pytest.raises(Refused, match="not-an-operator"):
        await anna.get("/api/ops/reports")
    for wrong, slug in (
        ({"seqs": [99]}, "not-found"),
        ({"conversation_id": str(uuid4())}, "not-found"),
        ({"seqs": []}, "invalid-request"),
    ):
        with pytest.raises(Refused, match=slug):
            await anna.post("/api/reports", {**report, "id": str(uuid4()), **wrong})
    mine = await say(anna, id, "mine")
    with pytest.raises(Refused, match="invalid-request"):
        await anna.post("/api/reports", {**report, "id": str(uuid4()), "seqs": [mine["seq"]]})


async def test_reports_come_in_pages(served: Running) -> None:
    anna, bela, chief = await people(served, "anna", "bela", "chief")
    id = await served.friends(anna, bela)
    async with served.house.database.transaction() as tx:
        await make_administrator(tx, UUID(chief.me["id"]))
    said = await say(bela, id, "buy this")
    for _ in range(3):
        report = {"id": str(uuid4()), "conversation_id": id, "seqs": [said["seq"]], "reason": "spam"}
        await anna.post("/api/reports", report)
    first = await chief.get("/api/ops/reports?limit=2")
    rest = await chief.get(f"/api/ops/reports?limit=2&before={first['reports'][-1]['id']}")
    assert (len(first["reports"]), first["more"], len(rest["reports"]), rest["more"]) == (2, True, 1, False)
    assert len({one["id"] for one in [*first["reports"], *rest["reports"]]}) == 3
