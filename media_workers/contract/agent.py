"""What an agent is: the one configuration model that both planes share.

The control plane validates and stores it (`apps.agents`), publishes its JSON schema, and puts it
into every `CallPlan`; the media plane runs it. Durations are integer milliseconds unless the name
says otherwise; texts may contain ``{{name}}`` variables that are filled in when the call starts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, HttpUrl, field_validator, model_validator

from media_workers.contract.analysis import CallAnalysis, ExtractionField
from media_workers.contract.flow import Flow, ScriptBranch
from media_workers.contract.part import SLOT, Language, Name, Part, Phrase, Text, misplaced
from media_workers.contract.tools import AgentTool, KeyInput, KnowledgeUse, Prefetch, Voicemail
from media_workers.contract.transfers import TransferTarget
from media_workers.contract.vendors import ChatVendor, RealtimeVendor, SpeechToTextVendor, VoiceVendor

VendorSettings = Annotated[dict[Name, Annotated[str, Field(max_length=200)]], Field(max_length=20)]
"""A vendor's own settings by their names there, as text."""


class ScriptNode(Part):
    """A state of the dialogue: what is said on entering it and what is expected next."""

    say: Text = ""
    expect: list[ScriptBranch] = []
    otherwise: Text = Field(
        "Sorry, I did not understand that.",
        description="Spoken when nothing expected was heard; the node stays the same.",
    )
    otherwise_limit: Annotated[int, Field(ge=1, le=20)] = 3
    otherwise_goto: Name | None = Field(
        None, description="Node after `otherwise_limit` misunderstandings; none ends the call."
    )


class ScriptModel(Part):
    """Deterministic dialogue: no vendor, no key, the same answer each time. Of an agent with a flow it has no
    nodes of its own."""

    provider: Literal["script"] = "script"
    start: Name = "start"
    nodes: dict[Name, ScriptNode] = {}
    slots: dict[Name, list[Annotated[str, Field(min_length=1, max_length=80)]]] = {}

    @model_validator(mode="after")
    def _references_exist(self) -> ScriptModel:
        if self.nodes and self.start not in self.nodes:
            raise misplaced("start", f"start names the node {self.start!r}, which does not exist")
        for name, node in self.nodes.items():
            targets = [(f"expect.{i}.goto", b.goto) for i, b in enumerate(node.expect)]
            for field, target in [*targets, ("otherwise_goto", node.otherwise_goto)]:
                if target is not None and target not in self.nodes:
                    raise misplaced(f"nodes.{name}.{field}", f"there is no node {target!r}")
            for i, branch in enumerate(node.expect):
                for slot in SLOT.findall(" ".join(branch.phrases)):
                    if slot not in self.slots:
                        raise misplaced(
                            f"nodes.{name}.expect.{i}.phrases", f"the slot {slot!r} is not declared in slots"
                        )
        return self


class _Sampling(Part):
    """What every language model takes. A model that has given nothing after `first_token_ms` is passed
    over for the next in `AgentConfig.fallbacks`, where there is one; after `timeout_ms` it is given up."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.3
    max_tokens: Annotated[int, Field(ge=1, le=4096)] = 400
    first_token_ms: Annotated[int, Field(ge=200, le=30_000)] = 2_500
    timeout_ms: Annotated[int, Field(ge=500, le=60_000)] = 10_000


class ChatModel(_Sampling):
    """A vendor's language model; what there is to choose from is in the catalogue."""

    provider: ChatVendor
    extra: VendorSettings = {}


class OpenAICompatibleModel(_Sampling):
    """Any chat-completions endpoint that speaks OpenAI's protocol (Ollama, vLLM, a gateway), by its base
    URL."""

    provider: Literal["openai_compatible"] = "openai_compatible"
    base_url: HttpUrl
    api_key: Annotated[str, Field(max_length=500)] | None = Field(
        None, repr=False, description="Write-only: stored encrypted, never returned."
    )


class RealtimeModel(Part):
    """A model that hears and speaks itself. `voice` is the model's own; the agent's transcriber and voice
    are then used only by what is not the model's to do."""

    provider: RealtimeVendor
    model: Annotated[str, Field(min_length=1, max_length=200)]
    voice: Annotated[str, Field(max_length=80)] = ""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    timeout_ms: Annotated[int, Field(ge=500, le=60_000)] = 10_000
    extra: VendorSettings = {}


SpokenModel = Annotated[ChatModel | OpenAICompatibleModel, Field(discriminator="provider")]
"""One that another of its kind can take over from."""

Model = Annotated[
    ScriptModel | OpenAICompatibleModel | ChatModel | RealtimeModel, Field(discriminator="provider")
]


class Voice(Part):
    """Who speaks: a voice of the catalogue, or any id that the vendor knows. `model` is the vendor's; empty
    takes the fastest of its kind."""

    provider: VoiceVendor = "flite"
    voice: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+ ./:()-]{1,120}$")] = "slt"
    model: Annotated[str, Field(max_length=100)] = ""
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    first_audio_ms: Annotated[int, Field(ge=100, le=30_000)] = Field(
        2_000, description="Without audio for so long the next voice of the fallbacks speaks."
    )
    extra: VendorSettings = {}

    @model_validator(mode="after")
    def _voice_exists(self) -> Voice:
        if self.provider == "flite" and self.voice not in FLITE_VOICES:
            raise misplaced("voice", f"flite has no voice {self.voice!r}; choose {sorted(FLITE_VOICES)}")
        return self


FLITE_VOICES = frozenset({"slt", "rms", "awb", "kal16", "kal"})


class Transcriber(Part):
    """Who listens. pocketsphinx hears only phrases it expects; free dictation is poor."""

    provider: SpeechToTextVendor = "pocketsphinx"
    model: Annotated[str, Field(max_length=100)] = ""
    hints: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        [], description="Phrases to expect besides those of the script; names and terms for a vendor."
    )
    extra: VendorSettings = {}


class OtherLanguage(Part):
    """A language that the agent changes to when the caller speaks it. Voice and transcriber of its own where
    those of the agent do not speak it."""

    language: Language
    voice: Voice | None = None
    transcriber: Transcriber | None = None


class Fallbacks(Part):
    """Who takes over within the turn, in this order, when the first of its kind fails or is slow."""

    models: Annotated[list[SpokenModel], Field(max_length=3)] = []
    voices: Annotated[list[Voice], Field(max_length=3)] = []
    transcribers: Annotated[list[Transcriber], Field(max_length=3)] = []


class TurnTaking(Part):
    """When the caller has finished, and when the agent yields.

    `endpointing` says who decides that a turn is over: `fixed` after `endpointing_ms` of silence;
    `adaptive` between `endpointing_min_ms` and `endpointing_max_ms`, by what the transcript so far looks
    like; `vendor` by the transcriber's own end-of-turn events, with `endpointing_max_ms` as the limit;
    `semantic` by a turn model on the media node, where one is installed, else like `adaptive`.
    """

    endpointing: Literal["fixed", "adaptive", "vendor", "semantic"] = "adaptive"
    endpointing_ms: Annotated[int, Field(ge=100, le=3_000)] = Field(
        450, description="Silence after which the caller's turn is over (`fixed`)."
    )
    endpointing_min_ms: Annotated[int, Field(ge=100, le=3_000)] = Field(
        240, description="Silence after a sentence that is complete."
    )
    endpointing_max_ms: Annotated[int, Field(ge=200, le=5_000)] = Field(
        1_400, description="Silence after an `um`, in the middle of a number, while spelling."
    )
    eager: bool = Field(
        True, description="Start the answer on a likely end, and drop it unheard when the caller goes on."
    )
    transcript_after_ms: Annotated[int, Field(ge=60, le=3_000)] = Field(
        100, description="Silence after which the final transcript is asked for."
    )
    transcript_timeout_ms: Annotated[int, Field(ge=100, le=10_000)] = Field(
        1_500, description="How long a final transcript may take before the partial one is used."
    )
    min_speech_ms: Annotated[int, Field(ge=20, le=1_000)] = Field(
        80, description="Shorter sounds are not speech."
    )
    sensitivity: Literal["low", "medium", "high"] = Field(
        "medium", description="How soft a voice may be to count: low for noisy places."
    )
    barge_in: bool = True
    barge_in_min_speech_ms: Annotated[int, Field(ge=40, le=2_000)] = 200
    ignore_backchannels: bool = Field(
        True, description="A `mhm` or `yes` while the agent speaks does not interrupt it."
    )
    backchannels: list[Phrase] = Field(
        [], description="Instead of the language's own list; empty takes that."
    )
    resume_after_ms: Annotated[int, Field(ge=200, le=5_000)] | None = Field(
        900, description="An interruption that turns out to be no words: the agent goes on after this."
    )
    protected_phrases: list[Annotated[str, Field(min_length=2, max_length=1_000)]] = Field(
        [], description="Texts (legal notices) that are always spoken to their end."
    )


class Sounds(Part):
    """What is heard beside the voices. Levels in dB under full scale."""

    comfort_noise: bool = Field(True, description="A soft hiss instead of dead silence.")
    ambience: Literal["none", "office", "cafe", "street"] = "none"
    ambience_db: Annotated[int, Field(ge=-60, le=-20)] = -42
    thinking: Literal["none", "typing", "tone"] = Field("none", description="While a function runs.")


class Fillers(Part):
    """What the agent says when a function takes longer than `after_ms`, in turn."""

    phrases: Annotated[list[Phrase], Field(max_length=10)] = []
    after_ms: Annotated[int, Field(ge=300, le=20_000)] = 1_500


class SilencePolicy(Part):
    """What happens when the caller says nothing."""

    prompt_after_ms: Annotated[int, Field(ge=1_000, le=120_000)] = 8_000
    prompts: list[Text] = ["Are you still there?"]
    goodbye: Text = "I cannot hear you, so I will hang up now. Goodbye."


class AgentConfig(Part):
    """Everything that decides how an agent behaves on a call."""

    prompt: Annotated[str, Field(max_length=100_000)] = ""
    first_message: Text = ""
    language: Language = "en-US"
    languages: Annotated[list[OtherLanguage], Field(max_length=10)] = []
    model: Model
    flow: Flow | None = Field(None, description="Instead of one prompt; `model` speaks in its prompt nodes.")
    tools: Annotated[list[AgentTool], Field(max_length=64)] = []
    transfers: Annotated[list[TransferTarget], Field(max_length=20)] = []
    secrets: Annotated[dict[Name, Annotated[str, Field(max_length=2_000)] | None], Field(max_length=40)] = (
        Field(
            {}, repr=False, description="For headers of tools. Write-only: stored encrypted, never returned."
        )
    )
    prefetch: Annotated[list[Prefetch], Field(max_length=5)] = []
    knowledge: KnowledgeUse = KnowledgeUse()
    keys: KeyInput = KeyInput()
    voicemail: Voicemail = Voicemail()
    voice: Voice = Voice()
    transcriber: Transcriber = Transcriber()
    fallbacks: Fallbacks = Fallbacks()
    turn_taking: TurnTaking = TurnTaking()
    sounds: Sounds = Sounds()
    fillers: Fillers = Fillers()
    max_duration_ms: Annotated[int, Field(ge=10_000, le=4 * 3_600_000)] = 30 * 60_000
    silence: SilencePolicy = SilencePolicy()
    max_duration_warning_ms: Annotated[int, Field(ge=5_000, le=600_000)] | None = Field(
        None, description="So long before the maximum duration the warning is spoken."
    )
    max_duration_warning: Text = "We have about one minute left."
    end_call_phrases: list[Annotated[str, Field(min_length=2, max_length=200)]] = Field(
        [], description="When the agent says one of these, it hangs up after it."
    )
    max_duration_message: Text = Field(
        "I am sorry, the time for this call is over. Goodbye.",
        description="Spoken when the call has reached its maximum duration; empty ends it silently.",
    )
    money_ended_message: Text = Field(
        "I am sorry, I have to end the call here. Goodbye.",
        description="Spoken when the money for the call ends, so early that it is over by then; empty ends it"
        " silently.",
    )
    fallback_message: Text = "I am sorry, I have a technical problem. Please call again later. Goodbye."
    extraction: Annotated[list[ExtractionField], Field(max_length=60)] = []
    analysis: CallAnalysis = CallAnalysis()
    variables: dict[Name, str] = Field({}, description="Default values of {{name}} variables.")
    record: bool = True
    redact: Annotated[list[Literal["cards", "digits", "keys"]], Field(max_length=3)] = Field(
        [],
        description="Taken out of transcript, events and recording before anybody can read or hear it: card"
        " numbers, digits (four or more in a row), whatever is typed.",
    )

    @property
    def searches_itself(self) -> bool:
        """Whether the model is offered `search_knowledge`: in the mode `tool`, and where nothing stands
        between the caller's words and the model."""
        heard_by_it = isinstance(self.model, RealtimeModel)
        return bool(self.knowledge.bases) and (self.knowledge.mode == "tool" or heard_by_it)

    @field_validator("extraction")
    @classmethod
    def _unique_names(cls, fields: list[ExtractionField]) -> list[ExtractionField]:
        names = [f.name for f in fields]
        if len(set(names)) != len(names):
            raise ValueError("two extraction fields have the same name")
        return fields
