"""What the rules decide within one batch, without a database: later requests see what earlier ones did."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from junzi.messages.model import Appended, DifferentKind, NewMessage, NotAMember, OpenConversation, UnknownConversation
from junzi.messages.rules import decide
from junzi.messages.rules_model import Decision, Facts, MarkRead, MemberRead, Opened, Request

ANNA, BEN, CARL, TALK = (UUID(int=number) for number in range(1, 5))
NOW = datetime(2030, 1, 1, tzinfo=UTC)
OPEN = OpenConversation(id=TALK, kind="direct", facts={}, members=[ANNA, BEN])


def message(sender: UUID | None, client_id: str = "a") -> NewMessage:
    return NewMessage(conversation_id=TALK, sender_id=sender, client_id=client_id, kind="text", payload={}, fallback="")


def fresh(*requests: Request) -> Decision:
    """Decided on an empty database."""
    return decide(Facts({}, {}, {}), requests, 100, NOW)


def after(first: Decision, *requests: Request) -> Decision:
    """Decided an hour after an earlier decision was written."""
    facts = Facts(
        {row.id: row for row in first.new_conversations},
        {(row.conversation_id, row.member_id): row for row in first.new_members},
        {
            (row.conversation_id, row.sender_id, row.client_id): Appended(row.seq, row.at, True)
            for row in first.new_messages
        },
    )
    return decide(facts, requests, first.changed, NOW + timedelta(hours=1))


def test_a_conversation_opened_filled_and_read_in_one_batch() -> None:
    decision = fresh(OPEN, message(ANNA), message(BEN), MarkRead(TALK, ANNA, 2), MarkRead(TALK, ANNA, 1))
    assert decision.outcomes == [True, Appended(1, NOW, False), Appended(2, NOW, False), 2, 2]
    assert [(row.head_seq, row.member_count, row.changed) for row in decision.new_conversations] == [(2, 2, 104)]
    assert [(row.member_id, row.read_seq) for row in decision.new_members] == [(ANNA, 2), (BEN, 2)]
    assert (decision.changed_conversations, decision.moved_members) == ([], [])
    assert decision.happened == [Opened(TALK), *decision.new_messages, MemberRead(TALK, ANNA, 2, True)]
    assert decision.changed == 104


def test_a_resend_in_one_batch_is_one_message() -> None:
    decision = fresh(OPEN, message(ANNA), message(ANNA), message(None), message(None))
    assert decision.outcomes[1:] == [
        Appended(1, NOW, False), Appended(1, NOW, True), Appended(2, NOW, False), Appended(2, NOW, True)
    ]  # fmt: skip
    assert [row.seq for row in decision.new_messages] == [1, 2]


def test_a_resend_later_answers_as_the_first_time_and_changes_nothing() -> None:
    first = fresh(OPEN, message(ANNA))
    again = after(first, OPEN, message(ANNA), MarkRead(TALK, ANNA, 1))
    assert again.outcomes == [False, Appended(1, NOW, True), 1]
    assert (again.new_messages, again.changed_conversations, again.moved_members, again.happened) == ([], [], [], [])
    assert again.changed == first.changed


def test_what_changes_later() -> None:
    first = fresh(OPEN, message(ANNA))
    later = after(
        first,
        message(None, "b"),
        MarkRead(TALK, BEN, 9),
        OpenConversation(id=TALK, kind="direct", facts={}, members=[CARL]),
    )
    assert later.outcomes == [Appended(2, NOW + timedelta(hours=1), False), 2, False]
    assert [(row.head_seq, row.member_count, row.at) for row in later.changed_conversations] == [(2, 3, NOW)]
    assert [(row.member_id, row.read_seq, row.changed) for row in later.moved_members] == [(BEN, 2, first.changed + 2)]
    assert [(row.member_id, row.read_seq, row.joined_seq) for row in later.new_members] == [(CARL, 2, 2)]


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (message(ANNA), UnknownConversation),
        (message(None), UnknownConversation),
        (MarkRead(TALK, ANNA, 1), UnknownConversation),
    ],
)
def test_what_is_unknown_is_refused(request_: Request, kind: type[Exception]) -> None:
    assert isinstance(fresh(request_).outcomes[0], kind)


def test_strangers_are_refused_and_others_go_on() -> None:
    decision = fresh(OPEN, message(CARL), MarkRead(TALK, CARL, 1), message(ANNA))
    assert [type(outcome) for outcome in decision.outcomes] == [bool, NotAMember, NotAMember, Appended]


def test_a_kind_is_fixed() -> None:
    other = OpenConversation(id=TALK, kind="group", facts={}, members=[])
    assert isinstance(fresh(OPEN, other).outcomes[1], DifferentKind)
