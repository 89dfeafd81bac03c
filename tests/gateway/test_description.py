"""The protocol that programs read says what the socket does: every frame is in it, and it is what the frames give today."""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from junzi.gateway import connection, model
from junzi.gateway.description import FROM_CLIENT, FROM_SERVER, asyncapi

WRITTEN = Path(__file__).parents[2] / "docs" / "asyncapi.json"


def test_the_written_document_is_what_the_frames_give() -> None:
    written = json.loads(WRITTEN.read_text(encoding="utf-8"))
    assert written == asyncapi(), "remake it: .venv/bin/python scripts/asyncapi.py"


def test_every_frame_is_described() -> None:
    frames = {
        one
        for _, one in inspect.getmembers(model, inspect.isclass)
        if issubclass(one, msgspec.Struct) and one.__struct_config__.tag_field == "op"
    }
    assert set(FROM_CLIENT) | set(FROM_SERVER) == frames
    taken = {one for one in FROM_CLIENT if _is_taken(one)}
    assert taken == set(FROM_CLIENT)


def _is_taken(frame: type[msgspec.Struct]) -> bool:
    tag = frame.__struct_config__.tag
    try:
        connection._decoder.decode(msgspec.json.encode({"op": tag}))
    except msgspec.ValidationError as lacking:
        # A frame that is known lacks its fields; one that is not is an unknown op.
        return "missing required field" in str(lacking)
    return True


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi()

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            return [part["$ref"]] if "$ref" in part else [one for value in part.values() for one in references(value)]
        return [one for value in part for one in references(value)] if isinstance(part, list) else []

    found = references(document)
    assert len(found) > 30
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place
