"""Settings of money (in millionths of a US dollar), of the carriers that sell numbers, and of Stripe."""

from __future__ import annotations

from .environment import env

# What a new tenant finds in its wallet.
FREE_CREDIT_MICROS = env.int("FREE_CREDIT_MICROS", 5_000_000)
# Of a call outside the sandbox; paid by the second.
CALL_PRICE_MICROS_PER_MINUTE = env.int("CALL_PRICE_MICROS_PER_MINUTE", 50_000)
# A call begins when the wallet has money for so much of it; more is held while it lasts.
HOLD_SLICE_MS = env.int("HOLD_SLICE_S", 120) * 1000
# Outbound calls stop when those of an hour or a day cost more than this, and so many times as much as in any
# such time before; 0: never.
ANOMALY_HOUR_MICROS = env.int("ANOMALY_HOUR_MICROS", 50_000_000)
ANOMALY_DAY_MICROS = env.int("ANOMALY_DAY_MICROS", 200_000_000)
ANOMALY_FACTOR = env.number("ANOMALY_FACTOR", 4, 1, 1000)
# What is taken on top of the list prices of vendors of speech and language, by the platform's keys.
VENDOR_MARGIN_PERCENT = env.int("VENDOR_MARGIN_PERCENT", 20)
# Of recordings that are kept, for a gigabyte (10**9 bytes).
STORAGE_MICROS_PER_GB_MONTH = env.int("STORAGE_MICROS_PER_GB_MONTH", 100_000)
# Who writes invoices: a name and an address, on lines of their own.
INVOICE_ISSUER = env.str("INVOICE_ISSUER", "Trunkline").replace("\\n", "\n")
# A number whose month is not paid works on for so long, and is given back then.
NUMBER_GRACE_DAYS = env.number("NUMBER_GRACE_DAYS", 7, 0, 365)
# What a number of the sandbox costs by the month when it is ordered, to try orders; never in production.
SANDBOX_NUMBER_MICROS = env.int("SANDBOX_NUMBER_MICROS", 1_000_000)
# A charge that takes a balance below it is told of (`billing.balance_low`).
BALANCE_LOW_MICROS = env.int("BALANCE_LOW_MICROS", 1_000_000)

# --- Carriers that sell numbers (docs/guides/carriers.md) -------------------------------------------
TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN = env.pair("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
# A business profile that Twilio has approved (BU...): without one no names are shown beside numbers.
TWILIO_CUSTOMER_PROFILE = env.str("TWILIO_CUSTOMER_PROFILE", "")
# Another address for all of Twilio's APIs, for tests.
TWILIO_API_BASE = env.str("TWILIO_API_BASE", "").rstrip("/")
# transport:host or transport:host:port, in the order to try; empty: our trunk's own domain.
_GATEWAY = (r"(udp|tcp|tls):[A-Za-z0-9.-]+(:[0-9]{1,5})?", "transport:host or transport:host:port")
TWILIO_SIP_GATEWAYS = env.matching("TWILIO_SIP_GATEWAYS", *_GATEWAY)
# Where its calls come from; empty: what Twilio publishes.
TWILIO_SIP_NETWORKS = env.networks("TWILIO_SIP_NETWORKS")
TELNYX_API_KEY = env.str("TELNYX_API_KEY", "")
# Of the account, base64: what Telnyx tells us is signed with its other half.
TELNYX_PUBLIC_KEY = env.str("TELNYX_PUBLIC_KEY", "")
TELNYX_API_BASE = env.str("TELNYX_API_BASE", "https://api.telnyx.com/v2").rstrip("/")
# As of Twilio; empty: sip.telnyx.com, and what Telnyx publishes.
TELNYX_SIP_GATEWAYS = env.matching("TELNYX_SIP_GATEWAYS", *_GATEWAY)
TELNYX_SIP_NETWORKS = env.networks("TELNYX_SIP_NETWORKS")
# Where carriers send calls, SIP URIs in the order to try; empty: made of EDGE_PUBLIC_ADDRESS.
CARRIER_SIP_URIS = env.matching(
    "CARRIER_SIP_URIS",
    r"sip:[A-Za-z0-9.-]+(:[0-9]{1,5})?(;transport=(udp|tcp|tls))?(;edge=[a-z0-9-]+)?",
    "a SIP URI like sip:sip.example.com:5061;transport=tls",
)
# Networks that our calls to carriers come from; empty: anywhere, the password alone counts.
CARRIER_ALLOWED_ADDRESSES = env.networks("CARRIER_ALLOWED_ADDRESSES")
# Of one request to a carrier.
CARRIER_TIMEOUT_S = env.number("CARRIER_TIMEOUT_S", 15, 1, 120)

# --- Payments: Stripe. Without a key the dashboard says that payments are not set up ---------------
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
# Of its webhook to PUBLIC_URL/webhooks-in/stripe; several while one is being rotated.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/")
# Stripe adds the tax of the customer's country to what is paid.
STRIPE_AUTOMATIC_TAX = env.switch("STRIPE_AUTOMATIC_TAX")
STRIPE_TIMEOUT_S = env.number("STRIPE_TIMEOUT_S", 20, 1, 80)
STRIPE_MAX_RETRIES = env.number("STRIPE_MAX_RETRIES", 2, 0, 10)
# What one payment may be.
TOP_UP_LEAST_MICROS = env.int("TOP_UP_LEAST_MICROS", 5_000_000)
TOP_UP_MOST_MICROS = env.int("TOP_UP_MOST_MICROS", 5_000_000_000)
