from __future__ import annotations

from typing import Any

import pytest
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from tenants import errors
from tests.tenancy import key_client, make_key, make_tenant


class Inner(serializers.Serializer[Any]):
    host = serializers.IPAddressField()


class Outer(serializers.Serializer[Any]):
    name = serializers.CharField()
    inner = Inner(many=True)

    def validate(self, data: Any) -> Any:
        raise serializers.ValidationError("Both at once is too much.", code="too_much")


def raised(error: Exception) -> Response:
    """What a view that raises `error` answers."""

    class Fails(APIView):
        authentication_classes = permission_classes = ()

        def get(self, request: Request) -> Response:
            raise error

    response = Fails.as_view()(APIRequestFactory().get("/api/v1/x"))
    response.render()
    return response  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidInput("No.", code="odd"), 422, "odd"),
        (errors.NotFound("No."), 404, "not_found"),
        (errors.Conflict("No."), 409, "conflict"),
        (errors.NotAllowed("No."), 403, "permission_denied"),
        (errors.LimitReached("No."), 429, "limit_reached"),
        (exceptions.NotFound("No."), 404, "not_found"),
    ],
)
def test_an_error_of_the_domain_has_its_status(error: Exception, status: int, code: str) -> None:
    response = raised(error)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.data["status"] == status
    assert (response.data["type"], response.data["detail"]) == ("about:blank", "No.")
    assert response.data["code"] == code
    assert "errors" not in response.data


def test_a_limit_says_when_to_come_back() -> None:
    assert raised(errors.LimitReached("Later.", retry_after_s=7))["Retry-After"] == "7"


def test_fields_are_named_by_their_place() -> None:
    fault = errors.InvalidInput("Too short.", field="config.model.nodes.start.expect.0", code="short")
    other = errors.InvalidInput("Unknown.", field="name")

    data = raised(errors.InvalidFields([fault, other])).data

    assert data["errors"] == [
        {"field": "config.model.nodes.start.expect.0", "code": "short", "detail": "Too short."},
        {"field": "name", "code": "invalid", "detail": "Unknown."},
    ]


def test_serializers_name_nested_fields() -> None:
    outer = Outer(data={"inner": [{"host": "127.0.0.1"}, {"host": "x"}]})
    assert not outer.is_valid()

    data = raised(serializers.ValidationError(outer.errors)).data

    assert data["status"] == 422
    assert {(e["field"], e["code"]) for e in data["errors"]} == {
        ("name", "required"),
        ("inner.1.host", "invalid"),
    }


def test_a_fault_of_the_whole_body_has_no_field() -> None:
    outer = Outer(data={"name": "x", "inner": []})
    assert not outer.is_valid()

    data = raised(serializers.ValidationError(outer.errors)).data

    assert data["errors"] == [{"field": None, "code": "too_much", "detail": "Both at once is too much."}]


def test_a_surprise_tells_nothing_of_the_inside() -> None:
    response = raised(ZeroDivisionError("password=sesame"))

    assert response.status_code == 500
    assert "sesame" not in str(response.content)
    assert response.data["code"] == "error"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/internal/v2/x"])
def test_an_unknown_address_of_the_api_is_a_problem(path: str) -> None:
    answer = APIClient().get(path)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db
def test_elsewhere_an_unknown_address_is_a_page() -> None:
    answer = APIClient().get("/nothing.txt")

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.django_db
def test_a_foreign_host_is_refused_with_a_problem() -> None:
    answer = APIClient().get("/api/v1/agents", headers={"Host": "evil.example"})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.django_db
def test_methods_that_are_not_there() -> None:
    client = key_client(make_key(make_tenant()))

    for method in ("put", "delete", "options"):
        answer = getattr(client, method)("/api/v1/agents")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "JSON parse error"),
        (b"\xff", "JSON parse error"),
        (b'{"name": "a\\u0000b"}', "'name' holds a character"),
        (b'{"a\\u0000b": 1}', "a name in"),
        (b'{"list": [{"name": "\\ud800"}]}', "'name' holds a character"),
        (b'{"number": 1e999}', "'number' holds a number"),
        (b'{"number": NaN}', "JSON parse error"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_or_stored_is_400(body: bytes, says: str) -> None:
    client = key_client(make_key(make_tenant()))

    answer = client.generic("POST", "/api/v1/agents", body, content_type="application/json")

    assert answer.status_code == 400
    assert says in answer.json()["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"7"])
def test_json_that_is_no_object_is_told(body: bytes) -> None:
    client = key_client(make_key(make_tenant()))

    answer = client.generic("POST", "/api/v1/agents", body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] is None


@pytest.mark.django_db
def test_only_json_is_taken() -> None:
    client = key_client(make_key(make_tenant()))

    answer = client.generic("POST", "/api/v1/agents", b"name=x", content_type="text/plain")

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
