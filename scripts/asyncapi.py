"""Write docs/asyncapi.json, the socket's protocol for programs, from the gateway's frames."""

import json
from pathlib import Path

from junzi.gateway.description import asyncapi

PLACE = Path(__file__).parent.parent / "docs" / "asyncapi.json"

if __name__ == "__main__":
    PLACE.write_text(json.dumps(asyncapi(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
