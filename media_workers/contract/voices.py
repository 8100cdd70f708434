"""The voices that every media node has, and previews of them."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from media_workers.contract.message import Message

PREVIEW_CHARS = 300


class VoiceFact(NamedTuple):
    """A voice to choose: `label` for people, `language` as a BCP 47 tag."""

    provider: Literal["flite", "espeak"]
    voice: str
    label: str
    language: str


VOICES = (
    VoiceFact("flite", "slt", "Slt, woman", "en-US"),
    VoiceFact("flite", "rms", "Rms, man", "en-US"),
    VoiceFact("flite", "awb", "Awb, man, Scottish", "en-GB"),
    VoiceFact("flite", "kal16", "Kal, man, clear", "en-US"),
    VoiceFact("flite", "kal", "Kal, man, small", "en-US"),
    VoiceFact("espeak", "en-us", "English (America)", "en-US"),
    VoiceFact("espeak", "en-gb", "English (Great Britain)", "en-GB"),
    VoiceFact("espeak", "en-gb-scotland", "English (Scotland)", "en-GB"),
    VoiceFact("espeak", "ar", "Arabic", "ar"),
    VoiceFact("espeak", "bg", "Bulgarian", "bg"),
    VoiceFact("espeak", "ca", "Catalan", "ca"),
    VoiceFact("espeak", "cs", "Czech", "cs"),
    VoiceFact("espeak", "da", "Danish", "da"),
    VoiceFact("espeak", "de", "German", "de-DE"),
    VoiceFact("espeak", "el", "Greek", "el"),
    VoiceFact("espeak", "es", "Spanish (Spain)", "es-ES"),
    VoiceFact("espeak", "es-419", "Spanish (Latin America)", "es-419"),
    VoiceFact("espeak", "fi", "Finnish", "fi"),
    VoiceFact("espeak", "fr-fr", "French (France)", "fr-FR"),
    VoiceFact("espeak", "fr-be", "French (Belgium)", "fr-BE"),
    VoiceFact("espeak", "fr-ch", "French (Switzerland)", "fr-CH"),
    VoiceFact("espeak", "hi", "Hindi", "hi"),
    VoiceFact("espeak", "hr", "Croatian", "hr"),
    VoiceFact("espeak", "hu", "Hungarian", "hu"),
    VoiceFact("espeak", "id", "Indonesian", "id"),
    VoiceFact("espeak", "it", "Italian", "it"),
    VoiceFact("espeak", "nb", "Norwegian Bokmål", "nb"),
    VoiceFact("espeak", "nl", "Dutch", "nl"),
    VoiceFact("espeak", "pl", "Polish", "pl"),
    VoiceFact("espeak", "pt", "Portuguese (Portugal)", "pt-PT"),
    VoiceFact("espeak", "pt-br", "Portuguese (Brazil)", "pt-BR"),
    VoiceFact("espeak", "ro", "Romanian", "ro"),
    VoiceFact("espeak", "ru", "Russian", "ru"),
    VoiceFact("espeak", "sk", "Slovak", "sk"),
    VoiceFact("espeak", "sr", "Serbian", "sr"),
    VoiceFact("espeak", "sv", "Swedish", "sv"),
    VoiceFact("espeak", "tr", "Turkish", "tr"),
    VoiceFact("espeak", "uk", "Ukrainian", "uk"),
    VoiceFact("espeak", "vi", "Vietnamese (Northern)", "vi"),
)


class VoicePreview(Message):
    """What a media node is to speak once, as a WAV."""

    provider: Literal["flite", "espeak"]
    voice: str
    speed: float = 1.0
    text: Annotated[str, Field(min_length=1, max_length=PREVIEW_CHARS)]


class PreviewClaim(Message):
    """`POST /internal/v1/voices/claim`: the ticket that a request for a preview brought; 200 is a
    `VoicePreview`, 409 means: not ours."""

    ticket: str = Field(repr=False)
