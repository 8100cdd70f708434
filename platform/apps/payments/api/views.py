"""REST views of payments."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.afterwards import Afterwards
from apps.api.problems import DomainProblem, problem_response
from apps.billing.models import CURRENCY
from apps.billing.selectors import get_wallet
from apps.billing.services.rates import plan_of
from apps.payments import selectors
from apps.payments.api.serializers import (
    ChangedSubscriptionSerializer,
    PageSerializer,
    PaymentSerializer,
    PaymentSettingsSerializer,
    RechargeInput,
    RechargeSerializer,
    RefundInput,
    SubscriptionInput,
    SubscriptionSerializer,
    TopUpInput,
    TopUpSerializer,
    card_shown,
    recharge_shown,
)
from apps.payments.errors import PaymentsNotSetUp, StripeRefused
from apps.payments.gateway.client import in_test_mode, is_set_up
from apps.payments.models import Payment, PaymentKind, PaymentState, SubscriptionState
from apps.payments.money import in_words
from apps.payments.services import customers, recharging, refunds, subscriptions, top_ups
from tenants.errors import DomainError
from tenants.models import Tenant
from tenants.rest import TenantViewSet
from tenants.scope import tenant_scope

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="pay_...")


def refundable_in() -> dict[str, Any]:
    """The context of `PaymentSerializer`, in the tenant's scope."""
    wallet, paid_in = get_wallet(), selectors.paid_in()
    return {"refundable": partial(selectors.refundable, wallet=wallet, paid_in=paid_in)}


def answered(make: Callable[[], Any], status: int = 200) -> HttpResponse:
    """What `make` gives as JSON, or its refusal as a problem: outside any transaction (`Afterwards`)."""
    try:
        body = make()
    except DomainError as error:
        problem = DomainProblem(error)
        wait = {"Retry-After": str(problem.wait)} if problem.wait else {}
        return problem_response(problem.status_code, error.detail, error.code, wait)
    return HttpResponse(status=204) if body is None else JsonResponse(body, status=status)


class PaymentSettingsViewSet(TenantViewSet):
    """What can be paid, and with which card."""

    required_permissions: ClassVar = {"retrieve": "billing.read"}

    @extend_schema(
        tags=["billing"],
        summary="Get how payments are set up",
        description="`configured` false: whoever runs the platform has no payment provider, and credits"
        " balances by hand.",
        responses=PaymentSettingsSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        owed = get_wallet().debt_micros
        shown = {
            "configured": is_set_up(),
            "test_mode": in_test_mode(),
            "currency": CURRENCY,
            "least_micros": settings.TOP_UP_LEAST_MICROS,
            "most_micros": settings.TOP_UP_MOST_MICROS,
            "automatic_tax": settings.STRIPE_AUTOMATIC_TAX,
            "card": card_shown(selectors.customer()),
            "debt_micros": owed,
            "problem": f"You owe {in_words(owed)}: top up, and outbound calls go on." if owed else "",
        }
        return Response(PaymentSettingsSerializer(shown).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Payment.objects.none()


class TopUpViewSet(TenantViewSet):
    """Money for the balance."""

    required_permissions: ClassVar = {"create": "billing.write"}

    @extend_schema(
        tags=["billing"],
        summary="Top up the balance",
        description="Answers the address of the provider's page on which a person pays. The balance has the"
        " money when the provider says that it is paid; `payment.succeeded` tells of it.",
        request=TopUpInput,
        responses={201: TopUpSerializer},
        examples=[OpenApiExample("Twenty dollars", request_only=True, value={"amount_micros": 20_000_000})],
    )
    def create(self, request: Request) -> HttpResponse:
        payment = top_ups.begin_top_up(**self.checked(TopUpInput))
        return Afterwards(partial(answered, partial(_page_of, payment), 201))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Payment.objects.none()


def _page_of(payment: Payment) -> dict[str, Any]:
    try:
        url = top_ups.top_up_url(tenant_id=payment.tenant_id, payment_id=payment.pk)
    except StripeRefused as error:
        with tenant_scope(payment.tenant_id):
            top_ups.give_up(payment, words=error.detail)
        raise
    with tenant_scope(payment.tenant_id):
        shown = PaymentSerializer(selectors.get_payment(payment.pk), context=refundable_in()).data
    return {"payment": shown, "url": url}


class PaymentFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=PaymentKind.choices)
    state = django_filters.ChoiceFilter(choices=PaymentState.choices)

    class Meta:
        model = Payment
        fields: list[str] = []


@extend_schema(tags=["billing"])
@extend_schema_view(
    list=extend_schema(
        summary="List payments", description="Newest first.", responses=PaymentSerializer(many=True)
    ),
    retrieve=extend_schema(summary="Get a payment", parameters=[_ID], responses=PaymentSerializer),
)
class PaymentViewSet(TenantViewSet):
    """What was paid, and what came back."""

    id_prefix = Payment.id_prefix
    filterset_class = PaymentFilter
    required_permissions: ClassVar = {
        "list": "billing.read",
        "retrieve": "billing.read",
        "refund": "tenant.write",
    }

    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(selectors.payments()))
        return self.get_paginated_response(PaymentSerializer(found, many=True, context=refundable_in()).data)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(PaymentSerializer(selectors.get_payment(self.row_id()), context=refundable_in()).data)

    @extend_schema(
        summary="Send a payment back to its card",
        description="All of it or a part: at most `refundable_micros`. It leaves the balance at once and is"
        " with the card in 5 to 10 days; should the bank not take it, it is there again. For owners.",
        parameters=[_ID],
        request=RefundInput,
        responses={202: PaymentSerializer},
        examples=[
            OpenApiExample("A dollar", request_only=True, value={"amount_micros": 1_000_000, "why": "Unused"})
        ],
    )
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, id: str) -> Response:
        payment = refunds.ask_refund(payment_id=self.row_id(), **self.checked(RefundInput))
        fresh = selectors.get_payment(payment.pk)
        return Response(PaymentSerializer(fresh, context=refundable_in()).data, status=202)

    def get_queryset(self) -> QuerySet[Payment]:  # for the OpenAPI document
        return Payment.objects.none()


class CardViewSet(TenantViewSet):
    """The card that is charged when nobody is there."""

    required_permissions: ClassVar = {"create": "billing.write", "destroy": "billing.write"}

    @extend_schema(
        tags=["billing"],
        operation_id="billing_card_save",
        summary="Save a card",
        description="Answers the address of the provider's page on which a person gives it. It takes the"
        " place of the one before.",
        request=None,
        responses={201: PageSerializer},
    )
    def create(self, request: Request) -> HttpResponse:
        ensure_set_up()
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        back = customers.back_to(tenant.slug, tab="balance", of="card")
        make = partial(_page, partial(customers.save_card_url, tenant_id=tenant.pk, back=back))
        return Afterwards(partial(answered, make, 201))

    @extend_schema(
        tags=["billing"],
        operation_id="billing_card_forget",
        summary="Forget the saved card",
        description="It is not charged any more: the automatic recharge waits for another one.",
        responses={204: None},
    )
    def destroy(self, request: Request) -> HttpResponse:
        ensure_set_up()
        make = partial(customers.forget_card, tenant_id=self.principal.tenant_id)
        return Afterwards(partial(answered, make))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Payment.objects.none()


class PortalViewSet(TenantViewSet):
    """The provider's own pages."""

    required_permissions: ClassVar = {"create": "billing.write"}

    @extend_schema(
        tags=["billing"],
        operation_id="billing_portal_open",
        summary="Open the payment provider's portal",
        description="There are invoices and receipts, cards, the billing address and tax numbers.",
        request=None,
        responses={201: PageSerializer},
    )
    def create(self, request: Request) -> HttpResponse:
        ensure_set_up()
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        back_url = f"{settings.PUBLIC_URL}/t/{tenant.slug}/billing?tab=balance"
        make = partial(_page, partial(customers.portal_url, tenant_id=tenant.pk, back_url=back_url))
        return Afterwards(partial(answered, make, 201))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Payment.objects.none()


class RechargeViewSet(TenantViewSet):
    """When the balance fills itself."""

    required_permissions: ClassVar = {"retrieve": "billing.read", "update": "billing.write"}

    @extend_schema(tags=["billing"], summary="Get the automatic recharge", responses=RechargeSerializer)
    def retrieve(self, request: Request) -> Response:
        return self._shown()

    @extend_schema(
        tags=["billing"],
        summary="Set the automatic recharge",
        description="Whenever less than the threshold is free in the balance, the saved card is charged with"
        " the amount. Setting it also lets one go on that is paused.",
        request=RechargeInput,
        responses=RechargeSerializer,
        examples=[
            OpenApiExample(
                "Off",
                request_only=True,
                value={"enabled": False, "threshold_micros": 5_000_000, "amount_micros": 20_000_000},
            )
        ],
    )
    def update(self, request: Request) -> Response:
        recharging.set_recharge(**self.checked(RechargeInput))
        return self._shown()

    @staticmethod
    def _shown() -> Response:
        today, month = selectors.recharged(now=timezone.now())
        return Response(RechargeSerializer(recharge_shown(today=today, month=month)).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Payment.objects.none()


class SubscriptionViewSet(TenantViewSet):
    """The plan, and how it is paid."""

    required_permissions: ClassVar = {
        "retrieve": "billing.read",
        "create": "billing.write",
        "destroy": "billing.write",
    }

    @extend_schema(
        tags=["billing"],
        operation_id="billing_subscription_retrieve",
        summary="Get the plan's subscription",
        responses=SubscriptionSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(_subscription())

    @extend_schema(
        tags=["billing"],
        operation_id="billing_subscription_change",
        summary="Choose a plan",
        description="A plan that costs nothing holds at once, or with the end of the month that is paid. The"
        " first one that costs something is paid on the provider's page; from then on a change holds at once,"
        " and the saved card pays the difference.",
        request=SubscriptionInput,
        responses={200: ChangedSubscriptionSerializer},
        examples=[OpenApiExample("No fixed costs", request_only=True, value={"plan": "pay_as_you_go"})],
    )
    def create(self, request: Request) -> HttpResponse:
        plan = subscriptions.plan_to_choose(self.checked(SubscriptionInput)["plan"])
        make = partial(subscriptions.change_plan, tenant_id=self.principal.tenant_id, plan=plan)
        return Afterwards(partial(answered, partial(_changed, self.principal.tenant_id, make)))

    @extend_schema(
        tags=["billing"],
        operation_id="billing_subscription_end",
        summary="End the plan's subscription",
        description="With the end of the month that is paid.",
        responses={200: SubscriptionSerializer},
    )
    def destroy(self, request: Request) -> HttpResponse:
        ensure_set_up()
        tenant_id = self.principal.tenant_id
        return Afterwards(partial(answered, partial(_ended, tenant_id)))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Payment.objects.none()


def ensure_set_up() -> None:
    """PaymentsNotSetUp without a provider."""
    if not is_set_up():
        raise PaymentsNotSetUp


def _page(make: Callable[[], str]) -> dict[str, str]:
    return {"url": make()}


def _subscription() -> dict[str, Any]:
    row = selectors.subscription()
    shown = {
        "plan": plan_of().code,
        "state": row.state if row else SubscriptionState.NONE,
        "period_end": row.period_end if row else None,
        "cancel_at_period_end": bool(row and row.cancel_at_period_end),
        "problem": row.problem if row else "",
        "pay_url": (row.pay_url or None) if row else None,
    }
    return dict(SubscriptionSerializer(shown).data)


def _changed(tenant_id: UUID, make: Callable[[], str]) -> dict[str, Any]:
    url = make()
    with tenant_scope(tenant_id):
        return {"subscription": _subscription(), "url": url or None}


def _ended(tenant_id: UUID) -> dict[str, Any]:
    subscriptions.end_subscription(tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        return _subscription()
