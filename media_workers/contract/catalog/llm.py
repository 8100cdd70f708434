"""Offers of the kind llm.

Only models that call functions and need not think before they speak. Where a vendor's price depends on the
hour or on the length of the prompt, it is that of the working day and of prompts as calls have them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from media_workers.contract.catalog.offer import LatencyClass, Offer, Price

_OPENAI = "https://developers.openai.com/api/docs/pricing"
_ANTHROPIC = "https://platform.claude.com/docs/en/about-claude/pricing"
_GOOGLE = "https://ai.google.dev/gemini-api/docs/pricing"
_MISTRAL = "https://mistral.ai/pricing"
_GROQ = "https://groq.com/pricing"
_TOGETHER = "https://docs.together.ai/docs/serverless/models"
_CEREBRAS = "https://www.cerebras.ai/pricing"
_XAI = "https://docs.x.ai/developers/models"
_DEEPSEEK = "https://api-docs.deepseek.com/quick_start/pricing"
_AZURE = "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/"
_BEDROCK = "https://aws.amazon.com/bedrock/pricing/"

_US, _EU = "US", "EU"
_OPENAI_REGIONS = (_US, _EU, "Asia")
_BEDROCK_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1")


def _offer(
    vendor: str,
    model: str,
    label: str,
    latency: LatencyClass,
    usd: tuple[str, str | None, str] | None,
    source: str,
    priced_on: date | None,
    regions: tuple[str, ...] = (),
    *,
    default: bool = False,
) -> Offer:
    """`usd` per million tokens: of input, of cached input (None: no price of its own), of output."""
    units = ("million_input_tokens", "million_cached_tokens", "million_output_tokens")
    prices = tuple(
        Price(unit=unit, usd=Decimal(each)) for unit, each in zip(units, usd or (), strict=False) if each
    )
    return Offer(
        kind="llm",
        vendor=vendor,
        model=model,
        label=label,
        languages=("*",),
        latency=latency,
        prices=prices,
        regions=regions,
        tools=True,
        default=default,
        source=source,
        priced_on=priced_on,
    )


LLM: tuple[Offer, ...] = (
    _offer(
        "openai",
        "gpt-6-luna",
        "GPT-6 Luna",
        "medium",
        ("0.10", "0.01", "0.50"),
        _OPENAI,
        date(2026, 9, 22),
        _OPENAI_REGIONS,
        default=True,
    ),
    _offer(
        "openai",
        "gpt-6.1-terra",
        "GPT-6.1 Terra",
        "medium",
        ("1", "0.05", "5"),
        _OPENAI,
        date(2026, 10, 26),
        _OPENAI_REGIONS,
    ),
    _offer(
        "openai",
        "gpt-6-sol",
        "GPT-6 Sol",
        "medium",
        ("2", "0.20", "10"),
        _OPENAI,
        date(2026, 9, 22),
        _OPENAI_REGIONS,
    ),
    _offer(
        "openai",
        "gpt-5.6-luna",
        "GPT-5.6 Luna",
        "medium",
        ("0.20", "0.02", "1.20"),
        _OPENAI,
        date(2026, 7, 30),
        _OPENAI_REGIONS,
    ),
    _offer(
        "openai",
        "gpt-5.6-terra",
        "GPT-5.6 Terra",
        "medium",
        ("2", "0.20", "12"),
        _OPENAI,
        date(2026, 7, 30),
        _OPENAI_REGIONS,
    ),
    _offer(
        "anthropic",
        "claude-haiku-5-5",
        "Claude Haiku 5.5",
        "medium",
        ("0.10", "0.01", "0.50"),
        _ANTHROPIC,
        date(2026, 10, 7),
        (_US, "global"),
        default=True,
    ),
    _offer(
        "anthropic",
        "claude-sonnet-5-5",
        "Claude Sonnet 5.5",
        "medium",
        ("2", "0.10", "10"),
        _ANTHROPIC,
        date(2026, 10, 7),
        (_US, "global"),
    ),
    _offer(
        "anthropic",
        "claude-sonnet-5",
        "Claude Sonnet 5",
        "medium",
        ("2", "0.20", "10"),
        _ANTHROPIC,
        date(2026, 6, 30),
        (_US, "global"),
    ),
    _offer(
        "anthropic",
        "claude-haiku-4-5",
        "Claude Haiku 4.5",
        "medium",
        ("1", "0.10", "5"),
        _ANTHROPIC,
        date(2026, 10, 7),
        (_US, "global"),
    ),
    _offer(
        "google",
        "gemini-3.8-flash",
        "Gemini 3.8 Flash",
        "medium",
        ("0.75", "0.075", "3.75"),
        _GOOGLE,
        date(2026, 10, 7),
    ),
    _offer(
        "google",
        "gemini-3.5-flash",
        "Gemini 3.5 Flash",
        "medium",
        ("1.50", "0.15", "9"),
        _GOOGLE,
        date(2026, 10, 7),
    ),
    _offer(
        "google",
        "gemini-3.1-flash-lite",
        "Gemini 3.1 Flash-Lite",
        "medium",
        ("0.25", "0.025", "1.50"),
        _GOOGLE,
        date(2026, 10, 7),
        default=True,
    ),
    _offer(
        "google",
        "gemini-2.5-flash",
        "Gemini 2.5 Flash",
        "medium",
        ("0.30", "0.03", "2.50"),
        _GOOGLE,
        date(2026, 10, 7),
    ),
    _offer(
        "google",
        "gemini-2.5-flash-lite",
        "Gemini 2.5 Flash-Lite",
        "fast",
        ("0.10", "0.01", "0.40"),
        _GOOGLE,
        date(2026, 10, 7),
    ),
    _offer("mistral", "mistral-small-latest", "Mistral Small", "fast", None, _MISTRAL, None, (_EU,)),
    _offer(
        "mistral",
        "mistral-medium-latest",
        "Mistral Medium 3.5",
        "medium",
        ("1.50", None, "7.50"),
        _MISTRAL,
        date(2026, 5, 22),
        (_EU,),
        default=True,
    ),
    _offer(
        "groq",
        "openai/gpt-oss-20b",
        "GPT-OSS 20B on Groq",
        "fast",
        ("0.075", "0.037", "0.30"),
        _GROQ,
        date(2026, 10, 1),
        default=True,
    ),
    _offer(
        "groq",
        "openai/gpt-oss-120b",
        "GPT-OSS 120B on Groq",
        "fast",
        ("0.15", "0.075", "0.60"),
        _GROQ,
        date(2026, 10, 1),
    ),
    _offer(
        "together",
        "openai/gpt-oss-120b",
        "GPT-OSS 120B on Together",
        "medium",
        ("0.15", None, "0.60"),
        _TOGETHER,
        date(2026, 6, 1),
        (_US,),
        default=True,
    ),
    _offer("together", "zai-org/GLM-5.2", "GLM-5.2 on Together", "medium", None, _TOGETHER, None, (_US,)),
    _offer(
        "cerebras",
        "gpt-oss-120b",
        "GPT-OSS 120B on Cerebras",
        "fast",
        ("0.35", None, "0.75"),
        _CEREBRAS,
        date(2026, 6, 12),
        (_US,),
        default=True,
    ),
    _offer(
        "xai",
        "grok-4.20-non-reasoning",
        "Grok 4.20, not reasoning",
        "medium",
        ("1.25", None, "2.50"),
        _XAI,
        date(2026, 7, 13),
        (_US,),
        default=True,
    ),
    _offer(
        "xai",
        "grok-4-1-fast-non-reasoning",
        "Grok 4.1 Fast, not reasoning",
        "medium",
        ("0.20", "0.05", "0.50"),
        _XAI,
        date(2026, 7, 13),
        (_US,),
    ),
    _offer(
        "deepseek",
        "deepseek-flash",
        "DeepSeek V4.1 Flash",
        "medium",
        ("0.30", "0.006", "1.20"),
        _DEEPSEEK,
        date(2026, 10, 27),
        ("China",),
        default=True,
    ),
    _offer(
        "deepseek",
        "deepseek-v4-pro",
        "DeepSeek V4 Pro",
        "slow",
        ("1.32", "0.044", "3.96"),
        _DEEPSEEK,
        date(2026, 10, 27),
        ("China",),
    ),
    _offer(
        "azure",
        "gpt-6-luna",
        "GPT-6 Luna on Azure (a deployment of this name)",
        "medium",
        None,
        _AZURE,
        None,
        ("the resource's own",),
        default=True,
    ),
    _offer(
        "bedrock",
        "anthropic.claude-haiku-5-5",
        "Claude Haiku 5.5 on Bedrock",
        "medium",
        None,
        _BEDROCK,
        None,
        _BEDROCK_REGIONS,
        default=True,
    ),
    _offer(
        "bedrock",
        "openai.gpt-oss-120b-1:0",
        "GPT-OSS 120B on Bedrock",
        "medium",
        ("0.15", None, "0.60"),
        _BEDROCK,
        date(2026, 6, 1),
        _BEDROCK_REGIONS,
    ),
)
