from rest_framework.routers import SimpleRouter

from apps.agents.api.comparing import ComparingViewSet
from apps.agents.api.views import AgentViewSet
from apps.agents.api.voices import VoiceViewSet

router = SimpleRouter(trailing_slash=False)
router.register("agents", AgentViewSet, basename="agent")
router.register("agents", ComparingViewSet, basename="agent-comparing")
router.register("voices", VoiceViewSet, basename="voice")

urlpatterns = router.urls
