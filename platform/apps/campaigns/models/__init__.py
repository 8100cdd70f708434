"""Campaigns, their contacts and attempts, and what must not be dialed."""

from apps.campaigns.models.attempts import Attempt, AttemptState
from apps.campaigns.models.campaigns import Campaign, CampaignState, PauseCode
from apps.campaigns.models.checks import CheckedNumber, NumberHook
from apps.campaigns.models.contacts import Contact, ContactState, Place
from apps.campaigns.models.imports import Import, ImportKind, ImportState
from apps.campaigns.models.law import Consent, Suppression, SuppressionSource
from apps.campaigns.models.numbers import NumberDay, NumberRest
from apps.campaigns.models.progress import Minute, Progress

__all__ = [
    "Attempt",
    "AttemptState",
    "Campaign",
    "CampaignState",
    "CheckedNumber",
    "Consent",
    "Contact",
    "ContactState",
    "Import",
    "ImportKind",
    "ImportState",
    "Minute",
    "NumberDay",
    "NumberHook",
    "NumberRest",
    "PauseCode",
    "Place",
    "Progress",
    "Suppression",
    "SuppressionSource",
]
