"""The operators' group: made and kept by the house, with every administrator in it, and the morning brief as a message there."""

from uuid import UUID

import msgspec

from junzi.chat import rules
from junzi.chat.model import GROUP, MOST_ADMINISTRATORS, GroupFacts, group_facts, stored
from junzi.growth.brief_model import Brief, Line
from junzi.kit import town
from junzi.kit.database import Database
from junzi.kit.money import written
from junzi.messages import Messages, NewMessage, OpenConversation
from junzi.operators import actions as operators

GROUP_ID = UUID("019a0000-0000-7000-8000-6f7073000000")
"""There is one of an operator, and a database has one operator."""
NAME = "运营群 Operators"
KIND = "ops.brief"

_SAID = {
    "opened": "首次打开 {}",
    "installed": "安装 {}",
    "actives": "活跃 {}",
    "sign_ups": "注册 {}",
    "cards_bound": "绑卡 {}",
    "scans": "扫码 {}",
    "payments": "支付 {} 笔",
    "payments_minor": "支付额 {}",
    "coupons_redeemed_minor": "券抵扣 {}",
}


async def tell(database: Database, messages: Messages, brief: Brief) -> bool:
    """Put a day's brief into the group, once; False where nobody runs the town yet. Raises `Busy`."""
    async with database.read() as reader:
        members = await operators.administrators(reader)
    if not members:
        return False
    group = OpenConversation(id=GROUP_ID, kind=GROUP, facts=stored(await _facts(messages, members)), members=members)
    payload: dict[str, object] = msgspec.to_builtins(brief)
    message = NewMessage(
        conversation_id=GROUP_ID,
        sender_id=None,
        client_id=f"brief {brief.date}",
        kind=KIND,
        payload=payload,
        fallback=_fallback(brief),
    )
    await messages.append_all([(group, message)])
    return True


async def _facts(messages: Messages, members: list[UUID]) -> GroupFacts:
    """As its members have it; who runs the town leads it, and it does not end."""
    for member in members:
        state = await messages.conversation(GROUP_ID, member)
        if state is not None:
            known = group_facts(state.facts)
            return msgspec.structs.replace(known, dissolved=False)
    owner, *others = members
    return GroupFacts(
        name=NAME,
        owner_id=owner,
        administrator_ids=others[:MOST_ADMINISTRATORS],
        face_ids=rules.faces(owner, members),
        only_administrators_invite=True,
    )


def _fallback(brief: Brief) -> str:
    figures = "，".join(_said(line) for line in brief.lines)
    wrong = f"；待处理 {len(brief.incidents)} 件" if brief.incidents else ""
    return f"{brief.date} 早报：{figures}{wrong}"


def _said(line: Line) -> str:
    value = written(line.value, town.current().money) if line.figure.endswith("_minor") else str(line.value)
    return _SAID[line.figure].format(value)
