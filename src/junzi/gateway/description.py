"""The socket's protocol as an AsyncAPI document, made from the frames themselves; `docs/asyncapi.json` is what it gave."""

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

import msgspec

from junzi.gateway.model import (
    MOST_FRAME_BYTES,
    PATH,
    Changed,
    CloseCode,
    Deleted,
    Edited,
    MineChanged,
    Ping,
    Pong,
    Read,
    ReadBy,
    Refused,
    Send,
    Sent,
    Told,
    Typing,
    TypingBy,
    Welcome,
)
from junzi.people.http import COOKIE

Frames = tuple[type[msgspec.Struct], ...]
FROM_CLIENT: Frames = (Send, Read, Typing, Ping)
FROM_SERVER: Frames = (*(Welcome, Sent, Told, Edited, ReadBy, MineChanged, Deleted, TypingBy, Changed, Refused, Pong),)
_ANSWERED: dict[type[msgspec.Struct], type[msgspec.Struct]] = {Send: Sent, Ping: Pong}


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0. A frame's name is that of its struct; `op` in its payload tells frames apart on the wire."""
    frames = (*FROM_CLIENT, *FROM_SERVER)
    schemas, components = msgspec.json.schema_components(frames, ref_template="#/components/schemas/{name}")
    closing = ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in CloseCode)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Junzi's socket",
            "version": "1",
            "license": {"name": "Apache-2.0"},
            "description": "What docs/protocol.md says in words: frames are JSON in text messages of at most "
            f"{MOST_FRAME_BYTES // 1024} KiB. What the server tells is a hint and may be lost; sequences and the cursor are the "
            f"truth. The socket is closed with one of these codes: {closing}.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "this": {
                "host": "{host}",
                "protocol": "wss",
                "variables": {"host": {"description": "Where Junzi is served."}},
                "security": [{"$ref": "#/components/securitySchemes/session"}],
            }
        },
        "channels": {
            "socket": {
                "address": PATH,
                "messages": {one.__name__: {"$ref": f"#/components/messages/{one.__name__}"} for one in frames},
            }
        },
        "operations": {
            **{f"take{one.__name__}": _operation("receive", one) for one in FROM_CLIENT},
            **{f"tell{one.__name__}": _operation("send", one) for one in FROM_SERVER},
        },
        "components": {
            "messages": {
                one.__name__: {
                    "name": one.__struct_config__.tag,
                    "summary": cleandoc(one.__doc__ or ""),
                    "payload": schema,
                }
                for one, schema in zip(frames, schemas, strict=True)
            },
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"session": {"type": "httpApiKey", "in": "cookie", "name": COOKIE}},
        },
    }


def _operation(action: str, frame: type[msgspec.Struct]) -> dict[str, Any]:
    """As the server sees it. A frame that is answered may be answered by `Refused`, too."""
    answer = _ANSWERED.get(frame)
    operation: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "messages": _named([frame]),
    }
    if answer is not None:
        operation["reply"] = {"channel": {"$ref": "#/channels/socket"}, "messages": _named([answer, Refused])}
    return operation


def _named(frames: Iterable[type[msgspec.Struct]]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/socket/messages/{one.__name__}"} for one in frames]
