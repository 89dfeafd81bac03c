"""A conversation reached through the person, and a change of it that is decided on what was seen."""

from collections.abc import Callable, Sequence
from uuid import UUID

from junzi.kit.errors import Busy, NotFound
from junzi.messages import ChangeConversation, ConversationState, Messages

MOST_TRIES = 8


async def access(messages: Messages, conversation_id: UUID, person_id: UUID) -> ConversationState:
    """The conversation as this person sees it. Raises `NotFound`, also for conversations of others."""
    conversation = await messages.conversation(conversation_id, person_id)
    if conversation is None:
        raise NotFound
    return conversation


async def changed(
    messages: Messages,
    conversation_id: UUID,
    person_id: UUID,
    decide: Callable[[ConversationState, set[UUID]], ChangeConversation | None],
    *,
    about: Sequence[UUID] = (),
) -> None:
    """Change it as decided on what this person sees, and decide anew when somebody else was faster; None changes nothing.

    about:   of whom `decide` is told, beside the conversation, who is a member

    Raises `NotFound`, what `decide` raises, or `Busy`.
    """
    for _ in range(MOST_TRIES):
        state = await access(messages, conversation_id, person_id)
        # Asked after the version was seen: if it is still that one when the change is carried, this still holds.
        there = await messages.of_them(conversation_id, about) if about else set()
        change = decide(state, there)
        if change is None or await messages.change_conversation(change):
            return
    raise Busy
