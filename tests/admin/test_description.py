"""The API describes itself."""

from typing import Annotated, Any

import httpx
import msgspec
from litestar import Litestar, get, post
from litestar.testing import TestClient

from junzi.admin import description


class Coin(msgspec.Struct):
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    note: Annotated[str, msgspec.Meta(max_length=40)] = ""


@post("/api/coins", summary="Lay a coin")
async def lay_coin(data: Coin) -> Coin:
    return data


@get("/api/coins/{number:int}")
async def show_coin(number: int, side: str | None = None) -> list[Coin]:
    return [Coin(number, side or "")]


def _served(path: str) -> Any:
    app = Litestar([lay_coin, show_coin, *description.ROUTES], openapi_config=description.openapi_config())
    with TestClient(app) as client:
        answer = client.get(path)
        assert answer.status_code == 200
        return answer


def test_every_operation_names_problem_details_as_its_refusal() -> None:
    schema = _served("/openapi.json").json()
    operations = [operation for item in schema["paths"].values() for operation in item.values()]
    assert len(operations) == 2
    for operation in operations:
        refused = operation["responses"]["default"]["content"]
        assert refused == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert "400" not in operation["responses"]
    assert schema["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail"]


async def test_the_whole_application_is_described_idempotency_keys_included(visitor: httpx.AsyncClient) -> None:
    schema = (await visitor.get("/openapi.json")).json()
    documented = {(method.upper(), path) for path, item in schema["paths"].items() for method in item}
    assert {
        ("POST", "/api/people"),
        ("POST", "/api/orders/{order_id}/payments"),
        ("GET", "/api/ops/today"),
        ("GET", "/readyz"),
    } <= documented
    named = [one["name"] for one in schema["paths"]["/api/topups"]["post"]["parameters"]]
    assert named == ["Idempotency-Key"]
