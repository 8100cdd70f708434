"""Settings of the REST API, of its sockets and of its OpenAPI document."""

from __future__ import annotations

from .environment import env

# Open at a time, over all web processes.
SOCKETS_PER_PRINCIPAL = env.number("SOCKETS_PER_PRINCIPAL", 20, 1, 1_000_000)
SOCKETS_PER_TENANT = env.number("SOCKETS_PER_TENANT", 200, 1, 1_000_000)
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 600, 1, 1_000_000)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.api.authentication.ApiKeyAuthentication",
        # Last: the first one answers 401 with WWW-Authenticate.
        "apps.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.permissions.HasRequiredPermission"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.api.throttling.PrincipalThrottle"],
    "DEFAULT_PAGINATION_CLASS": "apps.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["apps.api.filtering.AskedFilters"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsers.StorableJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "apps.api.problems.exception_handler",
    "NON_FIELD_ERRORS_KEY": "non_field_errors",
    # One format: `?format=` would otherwise choose one, and turn any other word into 404.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_FORMATTER_CLASS": "apps.api.problems.ProblemFormatter",
    "EXCEPTION_HANDLER_CLASS": "apps.api.problems.ProblemHandler",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trunkline",
    "VERSION": "1",
    "DESCRIPTION": (
        "Agents, numbers, SIP trunks and calls of one tenant. Authenticate with "
        "`Authorization: Bearer tl_live_...`. Errors are problem documents (RFC 9457); lists are paged "
        "with `cursor` and `limit`; a POST with an `Idempotency-Key` can be sent again safely for 24 hours."
    ),
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "PREPROCESSING_HOOKS": ["apps.api.openapi.only_public"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.api.openapi.add_shared_parts",
        "apps.webhooks.openapi.add_events",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "ENUM_NAME_OVERRIDES": {
        "VendorKind": "apps.vendors.api.serializers.KINDS",
        "KeySource": "apps.vendors.api.serializers.KEY_SOURCES",
        "CallDirection": "apps.calls.models.Direction",
        "TrunkDirection": "telephony.trunks.models.Direction",
        "LegDirection": "apps.calls.api.technical.LEG_DIRECTIONS",
        "SpeakerEnum": "apps.calls.models.events.SPEAKERS",
        "InvitationState": "tenants.models.InvitationState",
        "CallState": "apps.calls.states.CallState",
        "SuiteRunState": "apps.suites.models.RunState",
        "CaseState": "apps.suites.models.CaseState",
        "ModeEnum": "tenants.models.KeyMode",
        "TransferMode": "apps.calls.api.live_control.MODES",
        "PublicationState": "apps.suites.models.PublicationState",
        "CampaignState": "apps.campaigns.models.CampaignState",
        "WebhookState": "apps.webhooks.models.EndpointState",
        "DeliveryState": "apps.webhooks.models.DeliveryState",
        "PauseCode": "apps.campaigns.models.PauseCode",
        "ContactState": "apps.campaigns.models.ContactState",
        "ImportKind": "apps.campaigns.models.ImportKind",
        "PersonRequestKind": "apps.privacy.models.RequestKind",
        "PersonRequestState": "apps.privacy.models.RequestState",
        "NumberHealthState": "apps.campaigns.api.number_health.STATES",
        "NumberType": "apps.numbers.models.NumberType",
        "NumberOrderState": "apps.numbers.models.OrderState",
        "NumberPortState": "apps.numbers.models.PortState",
        "NumberBundleState": "apps.numbers.models.BundleState",
        "AddressNeed": "apps.numbers.api.market.ADDRESS_NEEDS",
    },
}
