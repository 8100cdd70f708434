"""REST views of a campaign's contacts."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns import selectors
from apps.campaigns.importing.mapping import wrong_variables
from apps.campaigns.importing.values import LONGEST_ID, LONGEST_VALUE, GivenConsent
from apps.campaigns.models import Campaign, Contact, ContactState
from apps.campaigns.outcomes import Outcome, SetAside
from apps.campaigns.sandbox_only import ensure_in_reach
from apps.campaigns.services import contacts
from apps.campaigns.services.contacts import Added, NewContact, Refused
from tenants.ids import from_public, to_public
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cmp_...")
_CONTACT = OpenApiParameter("contact", str, OpenApiParameter.PATH, description="con_...")
_CONTACTS = r"contacts/(?P<contact>[^/.]+)"
CONTACT_STATES = ContactState.choices
SET_ASIDES = SetAside.choices
_SEPARATORS = re.compile(r"[\s().\-/]+")


class ContactSerializer(RowSerializer[Contact]):
    id = PrefixedIdField(Contact.id_prefix, read_only=True)
    state = serializers.ChoiceField(choices=CONTACT_STATES)
    next_at = serializers.DateTimeField(
        allow_null=True, help_text="Not called before; the calling hours say when."
    )
    attempts = serializers.IntegerField(help_text="That were dialed.")
    last_outcome = serializers.CharField(
        help_text=f"Of the last attempt; empty: none has ended. {', '.join(Outcome.values)}."
    )
    set_aside = serializers.CharField(
        help_text=f"Why it is not called; empty: it is. {', '.join(SetAside.values)}."
    )
    time_zones = serializers.SerializerMethodField(
        help_text="Where they may be; all of them must permit a call. None: not known."
    )
    country = serializers.SerializerMethodField(help_text="ISO 3166-1; empty: not known.")
    region = serializers.SerializerMethodField(
        help_text="ISO 3166-2 without the country, like CA of US-CA; empty: not known."
    )

    class Meta:
        model = Contact
        fields = [
            "id", "e164", "external_id", "variables", "state", "next_at", "attempts", "last_outcome",
            "last_at", "set_aside", "detail", "converted", "time_zones", "country", "region", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_time_zones(self, row: Contact) -> list[str]:
        return list(row.place.zones)

    def get_country(self, row: Contact) -> str:
        return row.place.country  # type: ignore[no-any-return]

    def get_region(self, row: Contact) -> str:
        return row.place.region  # type: ignore[no-any-return]


class VariablesField(serializers.DictField):
    """A contact's variables by their names."""

    child = serializers.CharField(max_length=LONGEST_VALUE, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        given: dict[str, str] = super().to_internal_value(data)
        if wrong := wrong_variables(given):
            raise serializers.ValidationError(wrong)
        return given


class GivenConsentInput(StrictSerializer):
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, help_text="Where it was given: a form, a shop."
    )
    given_at = serializers.DateTimeField(default_timezone=UTC)
    text = serializers.CharField(
        max_length=10_000, required=False, default="", allow_blank=True, help_text="The words agreed to."
    )


class WhereaboutsInput(StrictSerializer):
    external_id = serializers.CharField(
        max_length=LONGEST_ID, required=False, allow_blank=True, help_text="Your own name for it."
    )
    time_zone = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="Empty: what the number tells."
    )
    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    region = serializers.CharField(max_length=6, required=False, allow_blank=True)


class ContactChanges(WhereaboutsInput):
    variables = VariablesField(required=False, help_text="All of them anew.")


class ContactInput(WhereaboutsInput):
    number = serializers.CharField(
        max_length=40, help_text="In E.164, or as it is written in the campaign's `default_country`."
    )
    variables = VariablesField(required=False)
    consent = GivenConsentInput(required=False, allow_null=True)


class ContactsInput(StrictSerializer):
    contacts = ContactInput(many=True, min_length=1, max_length=contacts.AT_ONCE)  # type: ignore[call-arg]


class ContactAnswerSerializer(serializers.Serializer[Any]):
    """Of a contact that was added or was there, or of one that was refused."""

    e164 = serializers.CharField(required=False)
    id = PrefixedIdField(Contact.id_prefix, required=False)
    state = serializers.ChoiceField(choices=CONTACT_STATES, required=False)
    set_aside = serializers.CharField(required=False, help_text="Why it is not called; empty: it is.")
    duplicate = serializers.BooleanField(
        required=False, help_text="The campaign has the number already; it stays as it was."
    )
    refused = serializers.CharField(
        required=False,
        help_text="not_a_number, unknown_time_zone, unknown_country, unknown_region, not_a_time.",
    )
    detail = serializers.CharField(required=False)


class ContactAnswersSerializer(serializers.Serializer[Any]):
    results = ContactAnswerSerializer(many=True, help_text="One for each contact, in order.")


class ContactFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=CONTACT_STATES, help_text="May be repeated: any of them."
    )
    outcome = django_filters.MultipleChoiceFilter(
        field_name="last_outcome", choices=Outcome.choices, help_text="Of the last attempt; may be repeated."
    )
    set_aside = django_filters.MultipleChoiceFilter(choices=SET_ASIDES, help_text="May be repeated.")
    q = django_filters.CharFilter(
        method="search", max_length=200, help_text="A number or part of it, or the external id in full."
    )

    class Meta:
        model = Contact
        fields: list[str] = []

    def search(self, rows: QuerySet[Contact], name: str, text: str) -> QuerySet[Contact]:
        number = _SEPARATORS.sub("", text)
        if not (number.isascii() and number.removeprefix("+").isdigit()):
            return rows.filter(external_id=text)
        return rows.filter(Q(e164__contains=number) | Q(external_id=text))


@extend_schema(tags=["campaigns"])
class ContactViewSet(TenantViewSet):
    """Whom a campaign calls."""

    id_prefix = Campaign.id_prefix
    filterset_class = ContactFilter
    required_permissions: ClassVar = {
        "contacts": "campaigns.read",
        "add_contacts": "campaigns.write",
        "contact": "campaigns.read",
        "change_contact": "campaigns.write",
        "take_out": "campaigns.write",
    }

    @extend_schema(
        summary="List a campaign's contacts",
        description="Newest first.",
        parameters=[_ID],
        responses=ContactSerializer(many=True),
    )
    @action(detail=True)
    def contacts(self, request: Request, id: str) -> Response:
        return self.page(contacts.list_contacts(self._campaign()), ContactSerializer)

    @extend_schema(
        summary="Add contacts to a campaign",
        description="Also while it runs. Each is answered for itself; one that is refused keeps no other one "
        "out. Files of contacts: see imports.",
        parameters=[_ID],
        request=ContactsInput,
        responses=ContactAnswersSerializer,
        examples=[
            OpenApiExample(
                "Two people",
                request_only=True,
                value={
                    "contacts": [
                        {"number": "+12025550100", "variables": {"first_name": "Ann"}},
                        {"number": "(415) 555-0132", "time_zone": "America/Denver"},
                    ]
                },
            )
        ],
        filters=False,
    )
    @contacts.mapping.post
    def add_contacts(self, request: Request, id: str) -> Response:
        campaign = self._campaign()
        ensure_in_reach(campaign, test_key=self.principal.mode == "test")
        given = [_new(one) for one in self.checked(ContactsInput)["contacts"]]
        answers = contacts.add_contacts(campaign=campaign, contacts=given, now=timezone.now())
        return Response({"results": [_shown(answer) for answer in answers]})

    @extend_schema(summary="Get a contact", parameters=[_ID, _CONTACT], responses=ContactSerializer)
    @action(detail=True, url_path=_CONTACTS)
    def contact(self, request: Request, id: str, contact: str) -> Response:
        return Response(ContactSerializer(self._contact()).data)

    @extend_schema(
        summary="Change a contact",
        description="One that was set aside since its time zone was not known waits when it is given.",
        parameters=[_ID, _CONTACT],
        request=ContactChanges,
        responses=ContactSerializer,
        examples=[
            OpenApiExample("Where they live", request_only=True, value={"time_zone": "America/Denver"})
        ],
    )
    @contact.mapping.patch
    def change_contact(self, request: Request, id: str, contact: str) -> Response:
        contact_row = self._contact()
        ensure_in_reach(contact_row.campaign, test_key=self.principal.mode == "test")
        changed = contacts.change_contact(
            contact=contact_row, now=timezone.now(), **self.checked(ContactChanges)
        )
        return Response(ContactSerializer(changed).data)

    @extend_schema(
        summary="Take a contact out",
        description="It is set aside as `removed`, stays in the list, and no import brings it back. 409 "
        "while it is being called or when it is done.",
        parameters=[_ID, _CONTACT],
        responses={204: None},
    )
    @contact.mapping.delete
    def take_out(self, request: Request, id: str, contact: str) -> Response:
        contacts.take_out(contact=self._contact(), now=timezone.now())
        return Response(status=204)

    def _campaign(self) -> Campaign:
        return selectors.get_campaign(self.row_id())

    def _contact(self) -> Contact:
        campaign = self._campaign()
        try:
            contact_id = from_public(Contact.id_prefix, self.kwargs["contact"])
        except ValueError:
            contact_id = UUID(int=0)
        return contacts.get_contact(campaign, contact_id)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Contact.objects.none()


def _new(given: dict[str, Any]) -> NewContact:
    consent = given.pop("consent", None)
    return NewContact(**given, consent=GivenConsent(**consent) if consent else None)


def _shown(answer: Added | Refused) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return {"refused": answer.refused, "detail": answer.detail}
    return {
        "e164": answer.e164,
        "id": to_public(Contact.id_prefix, answer.contact_id),
        "state": answer.state,
        "set_aside": answer.set_aside,
        "duplicate": answer.duplicate,
    }
