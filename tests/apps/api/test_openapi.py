from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from openapi_spec_validator import OpenAPIV31SpecValidator
from rest_framework.test import APIClient

from apps.api.problems import CONTENT_TYPE

pytestmark = pytest.mark.django_db

PERSONAL = {"/api/v1/me", "/api/v1/tenants", "/api/v1/join/{token}"}
"""About the person who is logged in: a key opens none of them."""
PUBLIC = {
    ("get", "/api/v1/join/{token}"),
    ("get", "/api/v1/share/{token}"),
    ("get", "/api/v1/share/{token}/recording"),
    ("get", "/api/v1/recordings/{ticket}"),
}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as anybody gets it: no credentials, no tenant."""
    answer = APIClient().get("/api/v1/schema")
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_generating_it_warns_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", "/dev/null")

    assert "Warning" not in capsys.readouterr().err


def test_it_holds_the_public_api_only(document: dict[str, Any]) -> None:
    paths = set(document["paths"])

    assert {"/api/v1/agents", "/api/v1/numbers/{id}", "/api/v1/trunks", "/api/v1/calls"} <= paths
    assert all(p.startswith("/api/v1/") for p in paths)


def test_every_operation_tells_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        expected = {"401", "403", "422", "429"} | ({"404"} if "{" in path else set())
        assert expected <= set(operation["responses"]), (method, path)
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == [CONTENT_TYPE]


def test_every_operation_has_a_summary_and_needs_credentials(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation.get("summary"), (method, path)
        either = [{"apiKey": []}, {"session": []}]
        wanted = [{"session": []}] if path in PERSONAL else either
        assert operation["security"] == ([{}] if (method, path) in PUBLIC else wanted), (method, path)


def test_both_kinds_of_credentials_are_described(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert (schemes["apiKey"]["type"], schemes["apiKey"]["scheme"]) == ("http", "bearer")
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", "sessionid")
    assert "X-CSRFToken" in schemes["session"]["description"]


def test_every_post_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    posts = [operation for _, method, operation in operations(document) if method == "post"]

    assert posts
    for operation in posts:
        assert "Idempotency-Key" in [p["name"] for p in operation["parameters"]]


def test_lists_are_pages(document: dict[str, Any]) -> None:
    listing = document["paths"]["/api/v1/agents"]["get"]

    assert {p["name"] for p in listing["parameters"]} >= {"cursor", "limit"}
    name = listing["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    page = document["components"]["schemas"][name]
    assert page["required"] == ["results", "next_cursor"]


def test_writing_has_examples(document: dict[str, Any]) -> None:
    for path in ("agents", "numbers", "trunks", "calls", "tenants", "invitations", "api-keys"):
        body = document["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]
        assert body.get("examples"), path


def test_the_page_of_the_document_needs_nothing_from_elsewhere() -> None:
    page = APIClient().get("/api/v1/docs").content.decode()

    assert "swagger-ui" in page
    assert "https://" not in page
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js"):
        answer = APIClient().get(f"/static/drf_spectacular_sidecar/swagger-ui-dist/{asset}")
        assert answer.status_code == 200
