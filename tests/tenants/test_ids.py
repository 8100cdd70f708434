from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.ids import from_public, new_id, to_public


def test_ids_are_version_7_and_sort_by_age() -> None:
    made = [new_id() for _ in range(1_000)]

    assert all(i.version == 7 for i in made)
    assert made == sorted(made)
    assert len(set(made)) == 1_000


@given(st.uuids())
def test_a_public_id_leads_back(value: uuid.UUID) -> None:
    text = to_public("agt_", value)

    assert text == f"agt_{value.hex}"
    assert from_public("agt_", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "agt_",
        "0192f0c8a1b27c3d8e4f5a6b7c8d9e0f",
        "num_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f",
        "agt_0192F0C8A1B27C3D8E4F5A6B7C8D9E0F",
        "agt_0192f0c8-a1b2-7c3d-8e4f-5a6b7c8d9e0f",
        "agt_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f0",
        "agt_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="agt_"):
        from_public("agt_", text)
