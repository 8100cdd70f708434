"""Which queue Celery's tasks go to, and when beat asks for them."""

from __future__ import annotations

from typing import Any

TASK_ROUTES = {
    "campaigns.*": {"queue": "dial"},
    "calls.*": {"queue": "after_call"},
    "audience.*": {"queue": "after_call"},
    "suites.*": {"queue": "after_call"},
    "number_checks.*": {"queue": "after_call"},
    "knowledge.*": {"queue": "after_call"},
    "analysis.*": {"queue": "after_call"},
    "privacy.*": {"queue": "after_call"},
    "webhooks.*": {"queue": "webhooks"},
    "numbers.*": {"queue": "billing"},
    "billing.*": {"queue": "billing"},
    "payments.*": {"queue": "billing"},
    # Not beside what extends holds: comparing takes minutes.
    "statements.*": {"queue": "after_call"},
}

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "delete-left-tenants": {"task": "tenants.delete_left", "schedule": 300.0, "options": {"expires": 300.0}},
    "api.purge_idempotency_keys": {"task": "api.purge_idempotency_keys", "schedule": 3600.0},
    "tenants.clear_sessions": {"task": "tenants.clear_sessions", "schedule": 3600.0},
    "resume-knowledge": {"task": "knowledge.resume", "schedule": 300.0, "options": {"expires": 300.0}},
    "delete-call-files": {"task": "calls.delete_files", "schedule": 60.0, "options": {"expires": 60.0}},
    "charge-storage": {
        "task": "calls.charge_storage",
        "schedule": 3600.0,
        "options": {"queue": "billing", "expires": 3600.0},
    },
    "settle-strays": {
        "task": "calls.settle_strays",
        "schedule": 3600.0,
        "options": {"queue": "billing", "expires": 3600.0},
    },
    "silence-recordings": {"task": "calls.silence_sealed", "schedule": 30.0, "options": {"expires": 30.0}},
    "index-transcripts": {"task": "calls.index_transcripts", "schedule": 60.0, "options": {"expires": 60.0}},
    "sum-trunks": {"task": "calls.sum_trunks", "schedule": 900.0, "options": {"expires": 900.0}},
    "resume-imports": {"task": "audience.resume", "schedule": 30.0, "options": {"expires": 30.0}},
    # The net below the messages that follow every commit.
    "deliver-webhooks": {"task": "webhooks.deliver", "schedule": 1.0, "options": {"expires": 2.0}},
    "delete-old-webhooks": {"task": "webhooks.delete_old", "schedule": 600.0, "options": {"expires": 600.0}},
    "payments": {"task": "payments.look", "schedule": 10.0, "options": {"expires": 10.0}},
    "reconcile-payments": {"task": "payments.reconcile", "schedule": 3600.0, "options": {"expires": 3600.0}},
    "analysis": {"task": "analysis.look", "schedule": 2.0, "options": {"expires": 2.0}},
    "followups": {"task": "followups.look", "schedule": 10.0, "options": {"expires": 10.0}},
    "reconcile-suites": {"task": "suites.reconcile", "schedule": 10.0, "options": {"expires": 10.0}},
    "count-usage": {"task": "statements.count", "schedule": 10.0, "options": {"expires": 10.0}},
    "invoices": {"task": "statements.invoices", "schedule": 900.0, "options": {"expires": 900.0}},
    "reconcile-carriers": {"task": "statements.reconcile", "schedule": 600.0, "options": {"expires": 600.0}},
    "keep-carriers": {"task": "carriers.keep_trunks", "schedule": 3600.0, "options": {"expires": 3600.0}},
    "numbers": {"task": "numbers.look", "schedule": 10.0, "options": {"expires": 10.0}},
    "compare-numbers": {"task": "numbers.compare", "schedule": 21_600.0, "options": {"expires": 3600.0}},
    "rent-of-numbers": {"task": "numbers.collect_rent", "schedule": 60.0, "options": {"expires": 60.0}},
    "purges": {"task": "privacy.look", "schedule": 600.0, "options": {"expires": 600.0}},
    "person-requests": {"task": "privacy.look_requests", "schedule": 30.0, "options": {"expires": 30.0}},
    "tick-campaigns": {"task": "campaigns.tick", "schedule": 1.0, "options": {"expires": 2.0}},
    "check-numbers": {"task": "number_checks.look", "schedule": 5.0, "options": {"expires": 5.0}},
    "look-at-numbers": {"task": "number_health.look", "schedule": 600.0, "options": {"expires": 600.0}},
    "extend-holds": {
        "task": "calls.extend_holds",
        "schedule": 5.0,
        "options": {"queue": "billing", "expires": 5.0},
    },
    "look-for-anomalies": {
        "task": "billing.look_for_anomalies",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    # A round that nobody took within 5 s is stale: the next one does its work.
    "reconcile-calls": {
        "task": "calls.reconcile",
        "schedule": 5.0,
        "options": {"queue": "dial", "expires": 5.0},
    },
}
