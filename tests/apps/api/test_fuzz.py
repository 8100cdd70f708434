"""Whatever is sent to the API, it answers with what its own document promises, never with a crash."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django import Settings
from schemathesis import GenerationMode

from apps.api.problems import CONTENT_TYPE
from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)  # the WSGI handler closes its connections

EXAMPLES = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROW = {
    "agents": {"name": "R", "config": SCRIPT},
    "numbers": {"carrier": "sandbox"},
    "trunks": {"name": "T", "direction": "inbound", "allowed_addresses": ["203.0.113.7"]},
}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_no_input_breaks_it(mode: GenerationMode, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    secret = make_key(make_tenant())
    ids = {name: key_client(secret).post(f"/api/v1/{name}", row).json()["id"] for name, row in ROW.items()}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema", get_wsgi_application())
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 20

    for operation in operations:
        row_id = ids.get(operation.path.split("/")[3])

        @EXAMPLES
        @given(operation.as_strategy(generation_mode=mode))
        def each(case: schemathesis.Case) -> None:
            ask(case, row_id=row_id, secret=secret)  # noqa: B023 (runs within the loop's turn)

        each()


def ask(case: schemathesis.Case, *, row_id: str | None, secret: str) -> None:
    """Send `case`, about an existing row where it names one."""
    if row_id and "id" in case.path_parameters:
        case.path_parameters["id"] = row_id
    answer = case.call(headers={"Authorization": f"Bearer {secret}"})
    kind = answer.headers["Content-Type"][0] if "Content-Type" in answer.headers else ""
    assert answer.status_code < 500, case.as_curl_command()
    if answer.status_code >= 400 and kind.startswith("application"):
        assert kind == CONTENT_TYPE
