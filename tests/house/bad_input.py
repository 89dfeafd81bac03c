"""What nobody should send, and a served house to send it to, whose addresses come from its own description."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from junzi.client import Client
from junzi.coupons.model import Trigger
from junzi.kit import clock
from junzi.merchants import accounts as merchant_accounts
from junzi.operators.actions import make_administrator
from tests.chat.talk import picture
from tests.support.house import PASSWORD
from tests.support.market import PIN, Market, key

METHODS = ("get", "post", "put", "patch", "delete")
CHANGING = ("post", "put", "patch", "delete")
WHO = ("nobody", "signed in")
AT_ONCE = 8
LONGEST_ANSWER_BYTES = 10_000

DEEP = 100_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"amount_minor": ',
    "words": b"give me money",
    "a form": b"amount_minor=100&code=S",
    "null": b"null",
    "a number": b"1",
    "a text": b'"text"',
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "two objects": b"{}{}",
    "not a number": b'{"amount_minor": NaN}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "half a pair": b'{"name": "\\ud800", "text": "\\udfff", "note": "\\ud800x"}',
    "lists in lists": b"[" * DEEP,
    "objects in objects": b'{"name":' * DEEP,
    "closed lists in lists": b"[" * 900 + b"]" * 900,
    "300 KB": b'{"name": "' + b"x" * 300_000 + b'"}',
}
CONTENT_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/x-msgpack",
    "application/json; charset=utf-16",
    "nonsense",
    "",
)
NUMBERS: list[Any] = [0, -1, 1.5, "1", "", True, 1e30, 10**30, 2**63, 2**64, -(2**63), None, [], {}, [1], {"amount": 1}]
TEXTS: list[Any] = [0, 1.5, True, None, [], {}, ["x"], {"x": "y"}, 10**30, "x" * 5_000, "a\x00b", "\x00"]
IDS: list[Any] = [0, True, None, [], {}, "", "x", "\x00", "0" * 31, "0" * 400, 10**30]

QUERIES = [
    "",
    "-1",
    "1.5",
    "1e30",
    str(10**30),
    str(2**63),
    "NaN",
    "true",
    "null",
    "%00",
    "%FF",
    "[]",
    "x" * 3_000,
    "%",
]
PATHS = [
    "x",
    "0",
    "-1",
    "%00",
    "%FF",
    "..%2F..",
    "%",
    "x" * 3_000,
    "%F0%9F%8D%9C",
    "{}",
    f"{UUID(int=0)}x",
    "'%20or%201=1",
]
TOKENS = ["", "x", "x" * 5_000, "\xff", '"\\000"']
COOKIES = [*(f"junzi_session={token}" for token in TOKENS), "junzi_session", "=;;="]
ORIGINS = ["https://example.org", "null", "", "http://[", "//", "http://\xff", "file://", "http://localhost:1"]

TAKEN = [
    *((name, one) for name in ("latitude_e3", "longitude_e3") for one in (0, -1)),
    ("avatar", 0),
    ("ours", 0),
    ("rivals", 0),
    *(
        (name, True)
        for name in (
            "automatic",
            "follow_up",
            "made",
            "pinned",
            "muted",
            "hidden",
            "marked_unread",
            "mute_all",
            "only_administrators_invite",
            "shows_text",
            "gone",
        )
    ),
    ("permyriad", 0),
    ("threshold_minor", 0),
    ("terms", {}),
    ("terms", {"x": "y"}),
    ("handles", ["x"]),
    ("coupon_ids", []),
    ("code_starts", []),
    ("accuracy_m", 0),
    ("codes", []),
    ("photo_ids", []),
    ("pieces", []),
]
"""What looks bad and is not: there is an avatar of that number, terms all have defaults, a handle may be unknown, nobody has to
use a coupon."""

SAMPLES: dict[str, Any] = {
    "handle": "newcomer",
    "name": "Somebody",
    "password": PASSWORD,
    "pin": PIN,
    "current_pin": PIN,
    "amount_minor": 100,
    "funding": "balance",
    "trade": "noodles",
    "tier": "small",
    "branch": "East",
    "face": "own",
    "latitude_e3": 32_000,
    "longitude_e3": 118_800,
    "state": "open",
    "automatic": True,
    "made": True,
    "permyriad": 38,
    "greeting": "hello",
    "title": {"zh": "券", "en": "Coupons"},
    "trigger": "claim",
    "offers": [{"amount_minor": 100}],
    "budget_minor": 1_000,
    "budget_pieces": 10,
    "valid_days": 7,
    "handles": ["friend"],
    "reason": "mistake",
    "endpoint": "https://fcm.googleapis.com/x",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "quiet_from": "22:30",
    "quiet_until": "07:00",
    "client_id": "one",
    "kind": "text",
    "payload": {"text": "hello"},
    "seqs": [3],
    "role": "administrator",
    "nickname": "Nick",
    "outcome": "noted",
    "shop": {"name": "New", "trade": "other"},
    "blanks": 12,
    "payers": 3,
    "days": 7,
    "csv": "number,name,trade\n1,Corner,other",
    "how": "scan",
    "counts": "codes",
    "what": "opened",
    "ours": 1,
    "rivals": 1,
    "places": 5,
    "source": "a poster in the street",
    "zh": "老城",
    "en": "Old town",
    "words": "Take our code, or lose it.",
}
"""By the name of a field, what somebody would say who means well."""

DRAFT = ("title", "trigger", "offers", "budget_minor", "budget_pieces", "valid_days")
ALSO_WANTED = {
    "/api/me/payment-pin": ["current_pin"],
    "/api/shops/{shop_id}": ["state"],
    "/api/ops/commissions": ["payers"],
    "/api/conversations/{conversation_id}/deletions": ["seqs"],
    "/api/ops/sources": ["name"],
    "/api/shops/{shop_id}/incidents": ["words"],
    "/api/shops/{shop_id}/incidents/{incident_id}/entries": ["text"],
}

UNCOUNTED = frozenset(
    {"people.sessions", "people.attempts", "ledger.seals", "ledger.entries", "ledger.progress", "ledger.clock"}
)
"""Tables in which it is written down that somebody came by, or what happened before."""

BEHIND = ("debits_pending", "debits_posted", "credits_pending", "credits_posted", "applied")
"""Columns of accounts that follow the transfers."""


class Town:
    """A served house, somebody signed in who has everything and runs it, and what they would send if they meant well."""

    def __init__(
        self, market: Market, tokens: dict[str, str], description: dict[str, Any], ids: dict[str, str]
    ) -> None:
        self.market = market
        self.description = description
        self.ids = ids
        self.wrong: list[str] = []
        self.tried = 0
        self._cookies = {"nobody": "", **{who: f"junzi_session={token}" for who, token in tokens.items()}}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._browser = httpx.AsyncClient(base_url=market.served.url, trust_env=False, timeout=30)

    async def close(self) -> None:
        await self._browser.aclose()

    def operations(self, methods: tuple[str, ...] = METHODS) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.description["paths"].items():
            yield from ((method, path, item[method]) for method in methods if method in item)

    def address(self, path: str) -> str:
        """The path with ids of what the signed-in person has, as far as they have such a thing."""
        return re.sub(
            r"\{(\w+)\}", lambda name: self.ids.get(f"{path} {name[1]}") or self.ids.get(name[1], str(uuid4())), path
        )

    def fields(self, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """What the body's object may say, by name; empty for an operation without a body."""
        contents = operation.get("requestBody", {}).get("content", {}).values()
        schema = next((self._resolved(content["schema"]) for content in contents), {})
        return {name: self._resolved(kind) for name, kind in schema.get("properties", {}).items()}

    def required(self, operation: dict[str, Any]) -> list[str]:
        contents = operation.get("requestBody", {}).get("content", {}).values()
        return next((self._resolved(content["schema"]) for content in contents), {}).get("required", [])

    def meant_well(self, path: str, operation: dict[str, Any]) -> dict[str, Any]:
        """A body that would be taken."""
        return {
            name: self.ids.get(f"{path} {name}") or self.ids.get(name) or SAMPLES[name]
            for name in [*self.required(operation), *ALSO_WANTED.get(path, ())]
        }

    def headers(self, who: str, content_type: str = "application/json") -> dict[str, str]:
        given = {"cookie": self._cookies[who], "content-type": content_type, "idempotency-key": key()}
        return {name: value for name, value in given.items() if value}

    async def send(
        self, method: str, address: str, headers: dict[str, str] | None = None, content: bytes = b""
    ) -> httpx.Response:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        async with self._turns:
            self.tried += 1
            return await self._browser.request(method.upper(), address, headers=raw, content=content)

    async def refused(
        self, what: str, method: str, address: str, headers: dict[str, str] | None = None, content: bytes = b""
    ) -> None:
        """Send it and note what is wrong with the answer, which has to be a problem."""
        answer = await self.send(method, address, headers, content)
        if answer.status_code < 400:
            self.wrong.append(
                f"{what}: {method} {address[:80]} was not refused: {answer.status_code} {answer.text[:200]}"
            )
        else:
            self.is_right(f"{what}: {method} {address[:80]}", answer)

    def is_right(self, what: str, answer: httpx.Response) -> None:
        """Note what is wrong with an answer that may be a problem or none."""
        fault = "" if answer.status_code < 400 else fault_of(answer)
        if fault:
            self.wrong.append(f"{what}: {fault}")

    async def written(self) -> dict[str, str]:
        """A fingerprint of every table, but for the notes that somebody came by and for the bank's own word."""
        connection = await asyncpg.connect(self.market.database_url)
        try:
            tables = await connection.fetch(
                "select oid::regclass::text as name from pg_class where relkind in ('r', 'p') and not relispartition"
                " and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema') order by 1"
            )
            names = [table["name"] for table in tables if table["name"] not in UNCOUNTED]
            assert "wallet.bills" in names
            # Whoever comes by for the first time on a business day is counted among the day's actives.
            return {
                name: await connection.fetchval(
                    "select md5(string_agg(row, '|' order by row)) from"
                    f" (select (to_jsonb(t) - 'last_active_date' - $1::text[])::text as row from {name} t) rows"
                    " where row !~ '\"(people.active|bank.(debit|credit)_answered)\"'",
                    list(BEHIND),
                )
                for name in names
            }
        finally:
            await connection.close()

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


@asynccontextmanager
async def founded(market: Market) -> AsyncIterator[Town]:
    """A house in which the signed-in person has a card, money, a shop, an order, a payment, a friend and a role."""
    handles = ("keeper", "friend", "stranger", "person")
    keeper, friend, stranger, person = [await market.person(handle) for handle in handles]
    card = await market.bind(person)
    await market.top_up(person, 10_000, card["id"])
    shop, own_shop = await market.shop(keeper), await market.shop(person)
    charge = await person.post(f"/api/shops/{own_shop['id']}/charges", {"amount_minor": 100}, idempotency_key=key())
    await market.look_at_shops()
    kept = {what: (await market.shop(person, what))["id"] for what in ("taken", "objected", "reinstated")}
    await market.look_at_shops()
    kept |= {what: (await market.shop(person, what))["id"] for what in ("joined", "changed")}
    await market.look_at_shops()
    await person.request("PATCH", f"/api/shops/{kept['changed']}", {"name": "otherwise"})
    tills = await person.post(f"/api/shops/{own_shop['id']}/tills", {"name": "front"}, idempotency_key=key())
    order, paid = await market.order(person, shop, 300), await market.order(person, shop, 200)
    payment = await market.pay(person, paid)
    keepers_card = await market.bind(keeper)
    await person.request("PUT", f"/api/shops/{own_shop['id']}/bank-account", {"card_id": card["id"], "pin": PIN})
    bought = await market.order(keeper, own_shop, 600)
    taken = await market.pay(keeper, bought, funding="card", card_id=keepers_card["id"])
    payout = await person.post(
        f"/api/shops/{own_shop['id']}/payouts", {"amount_minor": 100, "pin": PIN}, idempotency_key=key()
    )
    conversation_id = await _befriended(market, person, friend)
    talk = f"/api/conversations/{conversation_id}"
    picture_id = (await person.upload("picture", picture()))["id"]
    showing = {"kind": "pictures", "payload": {"pictures": [{"media_id": picture_id}]}}
    await person.post(f"{talk}/messages", {"client_id": "picture", **showing})
    await friend.post(f"{talk}/messages", {"client_id": "text", "kind": "text", "payload": {"text": "hello"}})
    recalled = await person.post(f"{talk}/messages", {"client_id": "y", "kind": "text", "payload": {"text": "y"}})
    # Again it is the same, however late.
    await person.post(f"{talk}/recalls", {"seq": recalled["seq"]})
    group = await person.post("/api/groups", {"id": str(uuid4()), "name": "Hikers", "member_ids": [friend.me["id"]]})
    invitation = await person.post(f"/api/groups/{group['id']}/invitations")
    asked = await stranger.post("/api/conversations", {"person_id": person.me["id"]})
    await stranger.post(
        f"/api/conversations/{asked['id']}/messages", {"client_id": "x", "kind": "text", "payload": {"text": "x"}}
    )
    report = {"id": str(uuid4()), "conversation_id": conversation_id, "seqs": [3], "reason": "spam"}
    await person.post("/api/reports", report)
    request = await stranger.post("/api/contacts/requests", {"person_id": person.me["id"], "greeting": "hello"})
    async with market.house.database.transaction() as tx:
        await make_administrator(tx, UUID(person.me["id"]))
    for what in ("objected", "reinstated"):
        await person.post(f"/api/ops/shops/{kept[what]}/withdrawals", {"reason": "owners-wish"}, idempotency_key=key())
    area = await person.post("/api/ops/areas", {"zh": "老城", "en": "Old town"}, idempotency_key=key())
    await person.post("/api/ops/promoters", {"handle": "person"})
    place = await person.post("/api/street", {"name": "Corner", "trade": "other"}, idempotency_key=key())
    rival = await person.post("/api/ops/rivals", {"name": "Blue"}, idempotency_key=key())
    await person.post("/api/ops/street/lists", {"csv": "number,name,trade\n7,Standing,other"})
    move = {"rival_id": rival["id"], "kind": "coupon", "starts_at": clock.now().isoformat(), "source": "a poster"}
    moves = [await person.post("/api/ops/moves", move, idempotency_key=key()) for _ in range(2)]
    source = await person.post("/api/ops/sources", {"name": "Poster"}, idempotency_key=key())
    surveys = {name: await surveyed(person, name) for name in ("Open", "Closed")}
    walked = await _walked(market, person, keeper, friend, picture_id)
    await person.post(f"/api/ops/surveys/{surveys['Closed']}/closings")
    said = {"words": SAMPLES["words"], "happened_at": clock.now().isoformat(), "photo_ids": [picture_id]}
    incidents = [
        await person.post(f"/api/shops/{own_shop['id']}/incidents", said, idempotency_key=key()) for _ in range(2)
    ]
    await person.post(f"/api/shops/{own_shop['id']}/incidents/{incidents[0]['id']}/handovers")
    follows_up = {name: SAMPLES[name] for name in DRAFT} | {"follow_up": True}
    waiting = await person.post("/api/ops/campaigns", follows_up, idempotency_key=key())
    ids = {
        **walked,
        "place_id": place["place_id"],
        "rival_id": rival["id"],
        "survey_id": surveys["Open"],
        "day": "2026-01-31",
        "move_id": moves[0]["id"],
        "source_id": source["id"],
        "/api/ops/sources name": "Another poster",
        "/api/openings source": source["code"],
        "/api/ops/moves kind": "coupon",
        "starts_at": clock.now().isoformat(),
        "happened_at": clock.now().isoformat(),
        "incident_id": incidents[0]["id"],
        "/api/shops/{shop_id}/incidents/{incident_id}/withdrawals incident_id": incidents[1]["id"],
        "/api/field/surveys/{survey_id}/places/{place_id} place_id": await standing(person),
        "/api/ops/surveys/{survey_id}/closings survey_id": surveys["Closed"],
        "/api/ops/campaigns/{campaign_id}/override campaign_id": waiting["id"],
        "/api/ops/street/{place_id} state": "standing",
        "/api/ops/street/{place_id}/rival-codes state": "live",
        "/api/field/places/{place_id}/rival-codes state": "live",
        "/api/ops/promoters handle": "friend",
        "/api/ops/rivals/{rival_id} name": "Green",
        "account_id": str(merchant_accounts.balance_id(UUID(own_shop["id"]))),
        "transfer_id": str(await market.value("select id from ledger.transfers limit 1")),
        "area_id": area["id"],
        "card_id": card["id"],
        "shop_id": own_shop["id"],
        "charge_id": charge["id"],
        "till_id": tills["tills"][0]["id"],
        # Given by list, so that nobody may ask for it.
        "campaign_id": str(await market.campaign((100, 0), trigger=Trigger.LIST)),
        "order_id": order["id"],
        "payment_id": payment["id"],
        "payout_id": payout["id"],
        "topup_id": str(await market.value("select id from wallet.topups")),
        "binding_id": str(await market.value("select id from bank.bindings order by id limit 1")),
        "conversation_id": conversation_id,
        "/api/reports reason": "spam",
        "/api/conversations/{conversation_id}/acceptance conversation_id": asked["id"],
        "/api/conversations/{conversation_id}/recalls seq": recalled["seq"],
        "/api/groups/{group_id}/members/{person_id} person_id": friend.me["id"],
        "group_id": group["id"],
        "media_id": picture_id,
        "photo_id": picture_id,
        "token": invitation["token"],
        "report_id": report["id"],
        "member_ids": [friend.me["id"]],
        "id": str(uuid4()),
        "request_id": request["id"],
        "session_id": (await person.get("/api/sessions"))["sessions"][0]["id"],
        "code": shop["code"]["code"],
        "text": shop["code"]["url"],
        "person_id": friend.me["id"],
        "/api/shops/{shop_id}/tills/{till_id} name": "back",
        "/api/shops/{shop_id}/codes code": (await person.get("/api/wallet"))["code"]["code"],
        "/api/transfers code": (await friend.get("/api/wallet"))["code"]["code"],
        "/api/shops/{shop_id}/payments/{payment_id} payment_id": taken["id"],
        "/api/shops/{shop_id}/payments/{payment_id}/refunds payment_id": taken["id"],
        "/api/shops/{shop_id}/objections shop_id": kept["objected"],
        "/api/ops/shops/{shop_id}/withdrawals shop_id": kept["taken"],
        "/api/ops/shops/{shop_id}/withdrawals reason": "shop-gone",
        "store_id": kept["joined"],
        "/api/ops/shops/{shop_id}/changes shop_id": kept["changed"],
        "/api/ops/shops/{shop_id}/reinstatements shop_id": kept["reinstated"],
        "/api/sessions handle": "person",
        "/api/contacts/requests person_id": keeper.me["id"],
    }
    tokens = {"signed in": person.token, "somebody else": keeper.token}
    town = Town(market, tokens, await person.get("/openapi.json"), ids)
    try:
        yield town
    finally:
        await town.close()


def bad_values(name: str, schema: dict[str, Any]) -> list[Any]:
    """What a field of this kind never takes."""
    kinds = schema.get("oneOf") or schema.get("anyOf") or [schema]
    types = {kind.get("type") if not isinstance(kind.get("type"), list) else "string" for kind in kinds}
    nullable = any(kind.get("type") == "null" or None in kind.get("enum", []) for kind in kinds)
    texts = IDS if any(kind.get("format") == "uuid" for kind in kinds) else TEXTS
    values = NUMBERS if "integer" in types else texts
    return [one for one in values if not (one is None and nullable) and (name, one) not in TAKEN]


def fault_of(answer: httpx.Response) -> str:
    """What is wrong with a refusal; empty when nothing is."""
    # On a machine that stands still for a second the house says rightly that it is not ready.
    is_honest = answer.request.url.path == "/readyz" and answer.status_code == 503
    if answer.status_code >= 500 and not is_honest:
        return f"{answer.status_code} {answer.text[:300]}"
    if answer.headers.get("content-type") != "application/problem+json":
        return f"{answer.status_code} as {answer.headers.get('content-type')}: {answer.text[:200]}"
    problem = answer.json()
    if problem["status"] != answer.status_code or not re.fullmatch(r"/problems/[a-z-]+", problem["type"]):
        return f"{answer.status_code} says {problem}"
    if not problem["title"] or not problem["detail"] or len(answer.content) > LONGEST_ANSWER_BYTES:
        return f"{answer.status_code} says nothing, or too much: {answer.text[:200]}"
    return ""


async def _befriended(market: Market, one: Client, other: Client) -> str:
    request = await one.post("/api/contacts/requests", {"person_id": other.me["id"], "greeting": "hello"})
    await other.post(f"/api/contacts/requests/{request['id']}/acceptance")
    await market.settle()
    conversation = await one.post("/api/conversations", {"person_id": other.me["id"]})
    return str(conversation["id"])


async def surveyed(person: Client, name: str) -> str:
    """A survey beside another wallet, in which the one standing place was looked at."""
    rival = await person.post("/api/ops/rivals", {"name": name}, idempotency_key=key())
    wanted = {"rival_id": rival["id"], "counts": "codes", "places": 5}
    survey = await person.post("/api/ops/surveys", wanted, idempotency_key=key())
    await person.request(
        "PUT", f"/api/field/surveys/{survey['id']}/places/{await standing(person)}", {"ours": 1, "rivals": 0}
    )
    return str(survey["id"])


async def _walked(market: Market, person: Client, keeper: Client, friend: Client, photo_id: str) -> dict[str, str]:
    """What a promoter left on the street: a visit with a photo, sign-ups that were agreed to and that wait, printed codes."""
    visit = {"outcome": "no", "photo_id": photo_id}
    await person.post(f"/api/field/places/{await standing(person)}/visits", visit, idempotency_key=key())
    await person.post("/api/ops/promoters", {"handle": "keeper"})
    lead = await person.post("/api/street", {"name": "Lead", "trade": "other"}, idempotency_key=key())

    async def asked(promoter: Client, place_id: str, owner_handle: str = "") -> dict[str, Any]:
        wanted = {"place_id": place_id, "shop": SAMPLES["shop"], "owner_handle": owner_handle}
        answer: dict[str, Any] = await promoter.post("/api/field/sign-ups", wanted, idempotency_key=key())
        return answer

    waits = await asked(keeper, await standing(person), "person")
    agreed = await asked(person, await standing(person), "friend")
    await friend.post(f"/api/sign-ups/{agreed['url'].rpartition('/')[2]}/agreements")
    await person.post(
        "/api/ops/commissions", {"amount_minor": 1, "budget_minor": 9, "payers": 1}, idempotency_key=key()
    )
    blue = next(one for one in (await person.get("/api/ops/rivals"))["rivals"] if one["name"] == "Blue")
    sheltered = await standing(person)
    seen = {"rival_id": blue["id"], "state": "dead", "how": "scan"}
    await person.post(f"/api/field/places/{sheltered}/rival-codes", seen, idempotency_key=key())
    # The one place that stands is to be taken under shelter yet, so that what runs already is written past the house.
    [shelter] = await market.rows(
        "insert into field.shelters (id, place_id, shop_id, by_id, begins_at, ends_at, budget_minor, permyriad, given)"
        " values (gen_random_uuid(), $1, $2, $3, now(), now() + interval '7 days', 100, 0, true) returning id",
        lead["place_id"],
        (await person.get("/api/shops"))["shops"][0]["id"],
        person.me["id"],
    )
    sheet = await person.post("/api/ops/sheets", {"blanks": 3}, idempotency_key=key())
    first, second, _ = await market.rows("select code from field.blanks order by code")
    return {
        "/api/field/sign-ups place_id": lead["place_id"],
        "/api/ops/street/{place_id}/shelters place_id": sheltered,
        "sign_up_id": agreed["id"],
        "sign_up_token": waits["url"].rpartition("/")[2],
        "/api/field/sign-ups/{sign_up_id}/owner-codes sign_up_id": (await asked(person, lead["place_id"]))["id"],
        "owner_code": (await friend.post("/api/me/owner-code"))["code"],
        "/api/ops/shelters/{shelter_id}/campaigns shelter_id": str(shelter["id"]),
        "sheet_id": sheet["id"],
        "/api/field/sign-ups/{sign_up_id}/blanks blank": first["code"],
        "/api/shops/{shop_id}/blanks blank": second["code"],
        "promoter_id": person.me["id"],
        "/api/field/places/{place_id}/visits outcome": "no",
    }


async def standing(person: Client) -> str:
    [kept] = (await person.get("/api/ops/street"))["places"]
    return str(kept["place"]["id"])
