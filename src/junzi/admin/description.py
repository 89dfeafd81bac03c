"""The API's own description, `/openapi.json`; the page that reads it to people, `/docs/`, comes with the web app."""

from typing import Any

from litestar import Request, Response, get
from litestar.enums import OpenAPIMediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.serialization import encode_json

import junzi
from junzi.kit.web import PROBLEM

METHODS = ("get", "post", "put", "patch", "delete")

PROBLEM_STRUCTURE = {
    "type": "object",
    "description": "RFC 9457. Facts of the refusal, such as attempts_left, stand beside these.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^/problems/[a-z-]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "additionalProperties": True,
}


@get("/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON, include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    schema = described(request.app.openapi_schema.to_schema())
    return Response(encode_json(schema), media_type=OpenAPIMediaType.OPENAPI_JSON)


def openapi_config() -> OpenAPIConfig:
    """What the application is told, so that it describes itself."""
    return OpenAPIConfig(
        title="Junzi",
        version=junzi.__version__,
        description=(
            "Amounts are integers in minor units, times are UTC, ids are UUIDs of version 7. A refusal is a problem "
            "details object (RFC 9457) whose type ends in one of the documented words. Money requests need an "
            "Idempotency-Key header: sent twice, they have one effect and one answer."
        ),
        # Ours, with our refusals in it, is served at /openapi.json.
        path="/api/description",
        render_plugins=[JsonRenderPlugin()],
    )


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The framework's description with our refusals in it: problem details instead of the framework's own."""
    refused = {
        "description": "Refused",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    paths = {
        path: {
            method: {**operation, "responses": {**_without_framework_refusals(operation), "default": refused}}
            if method in METHODS
            else operation
            for method, operation in item.items()
        }
        for path, item in schema.get("paths", {}).items()
    }
    components = schema.get("components", {})
    structures = {**components.get("schemas", {}), "Problem": PROBLEM_STRUCTURE}
    return {**schema, "paths": paths, "components": {**components, "schemas": structures}}


def _without_framework_refusals(operation: dict[str, Any]) -> dict[str, Any]:
    return {status: answer for status, answer in operation.get("responses", {}).items() if status != "400"}


ROUTES: list[Any] = [openapi_json]
