"""Whatever is sent to the API, it answers with what its own document promises, never with a crash.

Every operation of the document is asked by the owner of a tenant that has one of everything, with
input that fits the document and with input that does not. What comes back must be documented: the
status, the content type, the headers and the body.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.webhooks.wire import Answer, NoAnswer
from tests.apps.api.rows import Rows, make_rows

pytestmark = [
    pytest.mark.django_db(transaction=True),  # the WSGI handler closes its connections
    pytest.mark.timeout(600),
]

load_all_checks()
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CSRF = "c" * 32
LAST = [
    "billing",
    "calls",
    "callbacks",
    "saved-views",
    "webhooks",
    "invitations",
    "api-keys",
    "vendor-keys",
    "call-hooks",
    "numbers",
    "trunks",
    "suites",
    "do-not-call",
    "campaigns",
    "agents",
    "knowledge-bases",
    "members",
    "sso",
    "tenant",
]
"""What is deleted at the end, in this order: what needs something goes before it."""


def _nobody(url: str, **_: Any) -> Answer:
    raise NoAnswer("Its server cannot be reached.")


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_every_answer_is_one_of_the_document(
    mode: GenerationMode, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.vendors.asking.QUESTIONS", {})  # nobody outside is asked about a key
    monkeypatch.setattr("apps.webhooks.wire.exchange", _nobody)
    settings.ALLOWED_HOSTS = ["*"]
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    rows = make_rows()
    asked = 0
    for operation in operations():

        @EXAMPLES
        @given(operation.as_strategy(generation_mode=mode))
        def each(case: schemathesis.Case) -> None:
            ask(case, rows)

        with contextlib.suppress(Unsatisfiable):  # nothing in it can be wrong
            each()
        asked += 1
    assert asked > 60


def operations() -> Iterator[Any]:
    """Every operation, deletions last."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema", get_wsgi_application())

    def place(operation: Any) -> int:
        name = operation.path.split("/")[3]
        if operation.method == "delete":
            return 2 + LAST.index(name)
        return int(operation.path.endswith("/transfer"))  # whoever hands the tenant over is no owner

    return iter(sorted((result.ok() for result in schema.get_all_operations()), key=place))


def ask(case: schemathesis.Case, rows: Rows) -> None:
    """Send `case`, about an existing row where it names one, and look at the answer."""
    if "id" in case.path_parameters:
        case.path_parameters["id"] = rows.id_for(case.operation.path)
    case.headers.pop("Authorization", None)
    answer = case.call(
        headers={"X-Tenant": rows.tenant.public_id, "X-CSRFToken": CSRF},
        cookies={"sessionid": rows.owner.cookies["sessionid"].value, "csrftoken": CSRF},
    )
    assert answer.status_code != 401, answer.content
    assert answer.status_code < 500 or answer.status_code == 503, case.as_curl_command()
    case.validate_response(answer, checks=CHECKS)
