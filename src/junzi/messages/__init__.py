"""The message engine: one gap-free log a conversation, committed in groups by one writer."""

from junzi.messages.engine import Messages, open_messages
from junzi.messages.model import (
    Appended,
    Changes,
    ConversationOpened,
    ConversationState,
    DifferentKind,
    EngineTaken,
    InvalidMessage,
    MemberState,
    Message,
    MessageCommitted,
    NewMessage,
    NotAMember,
    OpenConversation,
    ReadMoved,
    UnknownConversation,
)

__all__ = [
    "Appended",
    "Changes",
    "ConversationOpened",
    "ConversationState",
    "DifferentKind",
    "EngineTaken",
    "InvalidMessage",
    "MemberState",
    "Message",
    "MessageCommitted",
    "Messages",
    "NewMessage",
    "NotAMember",
    "OpenConversation",
    "ReadMoved",
    "UnknownConversation",
    "open_messages",
]
