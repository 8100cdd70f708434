"""The words of transcripts, which turns are found by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.calls.models.call import Call
from tenants.managers import TenantManager
from tenants.models import OwnTenant, Tenant, TenantModel

LEXEME_CHARS = 100


class TurnWord(models.Model):
    """Where a word was said in a call: an index by equality, since row-level security allows no other
    (docs/decisions/0011).

    `lexeme` is the word's stem by the call's `search_language`. `hits`: ``turn.seq * 2 + 1`` for each turn of
    the agent that has it, ``turn.seq * 2`` for the caller's, in order.
    """

    tenant = OwnTenant(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    lexeme = models.CharField(max_length=LEXEME_CHARS, db_collation="C")
    hits = ArrayField(models.IntegerField())

    objects = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "lexeme", "-call"], name="calls_turnword_found")]

    def __str__(self) -> str:
        return self.lexeme


class SearchLanguage(TenantModel):
    """A text search configuration of PostgreSQL that calls of the tenant have had their words taken by."""

    name = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="calls_searchlanguage_once")]

    def __str__(self) -> str:
        return self.name
