"""The guide of the audience names what the program has."""

from __future__ import annotations

import re
from pathlib import Path

from apps.campaigns.importing import reading, values
from apps.campaigns.importing.mapping import FIELDS

GUIDE = (Path(__file__).parents[3] / "docs/guides/audience.md").read_text()


def test_every_column_is_explained() -> None:
    assert [name for name in FIELDS if f"`{name}`" not in GUIDE] == []


def test_every_reason_of_a_report_is_explained() -> None:
    """Codes as the source gives them to a report."""
    source = "".join(Path(module.__file__).read_text() for module in (reading, values))
    given = set(re.findall(r'raise Bad(?:Cell|Value)\(.*?, "([a-z_]+)"', source))
    assert {"not_a_number", "too_many_cells", "no_consent_time", "unknown_region"} <= given
    assert [code for code in given if f"`{code}`" not in GUIDE] == []
