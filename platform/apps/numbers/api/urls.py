from rest_framework.routers import SimpleRouter

from apps.numbers.api.views import NumberViewSet

router = SimpleRouter(trailing_slash=False)
router.register("numbers", NumberViewSet, basename="number")

urlpatterns = router.urls
