from rest_framework.routers import SimpleRouter

from telephony.trunks.api.views import TrunkViewSet

router = SimpleRouter(trailing_slash=False)
router.register("trunks", TrunkViewSet, basename="trunk")

urlpatterns = router.urls
