from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.numbers.api.market import MarketViewSet
from apps.numbers.api.orders import OrderViewSet
from apps.numbers.api.ports import PortViewSet
from apps.numbers.api.regulation import AddressViewSet, BundleViewSet
from apps.numbers.api.views import NumberViewSet

router = SimpleRouter(trailing_slash=False)
# Before the numbers themselves, whose ids they would be taken for.
router.register("numbers/orders", OrderViewSet, basename="number-order")
router.register("numbers/ports", PortViewSet, basename="number-port")
router.register("numbers/addresses", AddressViewSet, basename="number-address")
router.register("numbers/bundles", BundleViewSet, basename="number-bundle")
router.register("numbers", NumberViewSet, basename="number")

_MARKET = ("carriers", "available", "requirements", "portability")

urlpatterns = [
    *(
        path(
            f"numbers/{name}",
            MarketViewSet.as_view({"get": name}, basename="number-market"),
            name=f"number-market-{name}",
        )
        for name in _MARKET
    ),
    *router.urls,
]
