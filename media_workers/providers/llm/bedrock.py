"""Amazon Bedrock with a Bedrock API key: Claude by Anthropic's protocol, all others by chat completions.

https://docs.aws.amazon.com/bedrock/latest/userguide/models-endpoint-availability.html
"""

from __future__ import annotations

from media_workers.contract.agent import ChatModel
from media_workers.contract.vendors import Credential
from media_workers.providers.base import LanguageModel
from media_workers.providers.llm import anthropic, openai


def build(choice: ChatModel, credential: Credential | None) -> LanguageModel:
    """Raises `ProviderError` without a key or a region."""
    if "anthropic." in choice.model:
        return anthropic.build(choice, credential)
    return openai.build(choice, credential)
