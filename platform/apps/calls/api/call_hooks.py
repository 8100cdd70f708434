"""REST views of call hooks: servers of the tenant's that are asked while a call waits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.afterwards import Afterwards
from apps.calls.services.hooks import try_hook
from apps.webhooks.models import CallHook, HookFallback, HookMoment
from apps.webhooks.services import call_hooks as services
from apps.webhooks.services.asking import Hook, as_hook, headers_of
from tenants.rest import ETAG, IF_MATCH, PrefixedIdField, RowSerializer, StrictSerializer, TenantViewSet

_MOMENT = OpenApiParameter("moment", str, OpenApiParameter.PATH, enum=HookMoment.values)
_EXAMPLE = OpenApiExample(
    "Ask the own server for at most 800 ms",
    request_only=True,
    value={
        "url": "https://calls.example.com/hooks/before-answer",
        "headers": {"X-Team": "reception"},
        "deadline_ms": 800,
        "fallback": "go_on",
    },
)


class CallHookSerializer(RowSerializer[CallHook]):
    id = PrefixedIdField(CallHook.id_prefix, read_only=True)
    headers = serializers.SerializerMethodField(help_text="Their names; values are never shown.")

    class Meta:
        model = CallHook
        fields = [
            "id",
            "moment",
            "url",
            "headers",
            "deadline_ms",
            "fallback",
            "enabled",
            "trouble",
            "trouble_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_headers(self, hook: CallHook) -> dict[str, str]:
        return dict.fromkeys(headers_of(hook), "")


class NewCallHookSerializer(CallHookSerializer):
    secret = serializers.SerializerMethodField(
        help_text="whsec_...: questions are signed with it. Only when the hook is new; shown this once."
    )

    class Meta(CallHookSerializer.Meta):
        fields = [*CallHookSerializer.Meta.fields, "secret"]
        read_only_fields = fields

    def get_secret(self, hook: CallHook) -> str:
        return str(self.context["secret"])


class CallHookInput(StrictSerializer):
    url = serializers.CharField(max_length=2_000, help_text="Asked with POST; https, or http.")
    headers = serializers.DictField(
        child=serializers.CharField(max_length=1_000, allow_blank=True, trim_whitespace=False),
        required=False,
        help_text="Sent along. An empty value keeps the one that is stored.",
    )
    deadline_ms = serializers.IntegerField(
        min_value=services.SHORTEST_MS,
        max_value=services.LONGEST_MS,
        default=services.DEADLINE_MS,
        help_text="For everything, from looking the name up to the last byte.",
    )
    fallback = serializers.ChoiceField(
        choices=HookFallback.choices, default=HookFallback.GO_ON, help_text="Without an answer that helps."
    )
    enabled = serializers.BooleanField(default=True)


class SecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="whsec_...; it is shown this once.")


class HookDecisionSerializer(serializers.Serializer[Any]):
    action = serializers.CharField(help_text="answer, reject; allow, deny.")
    agent = serializers.CharField(allow_null=True)
    variables = serializers.DictField(child=serializers.CharField())
    code = serializers.IntegerField(allow_null=True, help_text="Of a rejection: the SIP code.")
    reason = serializers.CharField()


class HookTrialSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField(help_text="Whether the answer can be used.")
    took_ms = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="Null: no answer came.")
    answer = serializers.CharField(help_text="Its body, 4,096 characters at most.")
    decision = HookDecisionSerializer(allow_null=True)
    problem = serializers.CharField(help_text="What is wrong with it, in words; empty: nothing.")
    question = serializers.DictField(help_text="What it was asked, beside id, time and tenant.")


@extend_schema(tags=["webhooks"])
@extend_schema_view(
    list=extend_schema(summary="List call hooks", responses=CallHookSerializer(many=True)),
    retrieve=extend_schema(
        summary="Get a call hook", parameters=[_MOMENT, ETAG], responses=CallHookSerializer
    ),
    update=extend_schema(
        summary="Set a call hook",
        description="Calls from now on wait for its answer, `deadline_ms` at most. What is left out has its "
        "default. The first time the answer shows the secret.",
        parameters=[_MOMENT, IF_MATCH, ETAG],
        request=CallHookInput,
        responses={200: CallHookSerializer, 201: NewCallHookSerializer},
        examples=[_EXAMPLE],
    ),
    destroy=extend_schema(
        summary="Delete a call hook",
        description="Nobody is asked from now on.",
        parameters=[_MOMENT, IF_MATCH],
        responses={204: None},
    ),
)
class CallHookViewSet(TenantViewSet):
    """One for each moment."""

    lookup_field = "moment"
    lookup_value_regex = "|".join(HookMoment.values)
    required_permissions: ClassVar = {
        "list": "webhooks.read",
        "retrieve": "webhooks.read",
        "update": "webhooks.write",
        "destroy": "webhooks.write",
        "rotate_secret": "webhooks.write",
        "test": "webhooks.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(services.list_hooks(), CallHookSerializer)

    def retrieve(self, request: Request, moment: str) -> Response:
        hook = services.get_hook(moment)
        return self.tagged(hook, CallHookSerializer(hook).data)

    def update(self, request: Request, moment: str) -> Response:
        wanted = self.checked(CallHookInput)
        if (before := services.find_hook(moment, lock=True)) is not None:
            self.check_unchanged(before)
        hook, secret = services.put_hook(moment=moment, **wanted)
        if secret is None:
            return self.tagged(hook, CallHookSerializer(hook).data)
        return self.tagged(hook, NewCallHookSerializer(hook, context={"secret": secret}).data, 201)

    def destroy(self, request: Request, moment: str) -> Response:
        hook = services.get_hook(moment, lock=True)
        self.check_unchanged(hook)
        services.delete_hook(hook)
        return Response(status=204)

    @extend_schema(
        summary="Make a new secret of a call hook",
        description="Questions are signed with it from now on. The answer is the only one that shows it; the "
        "one before is forgotten.",
        parameters=[_MOMENT],
        request=None,
        responses=SecretSerializer,
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, moment: str) -> Response:
        secret = services.rotate_secret(services.get_hook(moment, lock=True))
        return Response(SecretSerializer({"secret": secret}).data)

    @extend_schema(
        summary="Try a call hook",
        description="Asks it now about a call that there is not (`test` is true in it), and shows what it "
        "said. Nothing is done with the answer.",
        parameters=[_MOMENT],
        request=None,
        responses=HookTrialSerializer,
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, moment: str) -> HttpResponse:
        hook = as_hook(services.get_hook(moment))
        question = services.example_of(moment)
        return Afterwards(partial(_tried, self.principal.tenant_id, hook, question))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return CallHook.objects.none()


def _tried(tenant_id: UUID, hook: Hook, question: Mapping[str, Any]) -> HttpResponse:
    said = try_hook(tenant_id, hook, question)
    decision = said.decision
    told = {
        "action": decision.action,
        "agent": getattr(decision, "agent", None),
        "variables": decision.variables,
        "code": getattr(decision, "code", None) if decision.action == "reject" else None,
        "reason": decision.reason,
    } if decision else None  # fmt: skip
    shown = {
        "ok": decision is not None,
        "took_ms": said.took_ms,
        "status": said.status,
        "answer": said.answer,
        "decision": told,
        "problem": said.problem,
        "question": dict(question),
    }
    return JsonResponse(HookTrialSerializer(shown).data)
