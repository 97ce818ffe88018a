"""The OpenAPI description: FastAPI's own, with every refusal as what it is."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from desk.api.problems import MEDIA_TYPE, TITLES, Problem

_SCHEMA = {"$ref": "#/components/schemas/Problem"}
TAGS = [
    {"name": "logins", "description": "A token for everything else."},
    {"name": "tickets", "description": "What was promised to customers."},
    {"name": "conversations", "description": "What customers and the desk say to each other."},
    {"name": "customers", "description": "Who asks for help."},
    {"name": "teams", "description": "Who shares a queue."},
    {"name": "categories", "description": "Kinds of problems."},
    {"name": "technicians", "description": "Who picks up."},
    {"name": "webhooks", "description": "Programs that are told what happens; for administrators."},
]


def install(app: FastAPI) -> None:
    """Have `app` describe its errors as problems."""
    made = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(made())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _with_problems(description: dict[str, Any]) -> dict[str, Any]:
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= made.pop("$defs", {}) | {"Problem": made}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in description["paths"].values():
        for operation in operations.values():
            _describe(operation)
    return description


def _describe(operation: dict[str, Any]) -> None:
    """Name the refusals that follow from what an operation takes, and show all of them as problems."""
    responses = operation["responses"]
    wanted = {int(status) for status in responses if status.isdigit() and int(status) >= 400}
    if operation.get("security"):
        wanted.add(401)
    if "requestBody" in operation:
        wanted |= {400, 413, 415}
    for status in wanted:
        title = TITLES.get(status, "Error")
        example = {"type": "about:blank", "title": title, "status": status, "detail": "…"}
        responses[str(status)] = {
            "description": title,
            "content": {MEDIA_TYPE: {"schema": _SCHEMA, "example": example}},
        }
