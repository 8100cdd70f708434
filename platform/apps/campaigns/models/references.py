"""References to other tenant tables."""

from __future__ import annotations

from typing import Any

from django.db import models

AGENT = "agents.Agent"
CALL = "calls.Call"
CAMPAIGN = "campaigns.Campaign"


def reference(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """Its constraint is composite, in the migration. PROTECT unless said otherwise."""
    options.setdefault("on_delete", models.PROTECT)
    options.setdefault("related_name", "+")
    return models.ForeignKey(to, db_constraint=False, **options)
