"""The messages of Google's Speech-to-Text v2 that a streaming call takes, for gRPC.

Names and numbers are those of `google/cloud/speech/v2/cloud_speech.proto` (Apache-2.0); what is not used is
left out, which the wire format allows. Google's own package for them costs a process a second and 30 MB.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "google.cloud.speech.v2"
_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _FIELD.TYPE_STRING,
    "bytes": _FIELD.TYPE_BYTES,
    "bool": _FIELD.TYPE_BOOL,
    "int32": _FIELD.TYPE_INT32,
    "float": _FIELD.TYPE_FLOAT,
}

_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Phrase": {"value": (1, "string"), "boost": (2, "float")},
    "PhraseSet": {"phrases": (3, "*Phrase")},
    "AdaptationPhraseSet": {"inline_phrase_set": (2, "PhraseSet")},
    "SpeechAdaptation": {"phrase_sets": (1, "*AdaptationPhraseSet")},
    # An enum is an int on the wire; LINEAR16 is 1.
    "ExplicitDecodingConfig": {
        "encoding": (1, "int32"),
        "sample_rate_hertz": (2, "int32"),
        "audio_channel_count": (3, "int32"),
    },
    "RecognitionFeatures": {"enable_automatic_punctuation": (4, "bool")},
    "RecognitionConfig": {
        "explicit_decoding_config": (8, "ExplicitDecodingConfig"),
        "model": (9, "string"),
        "language_codes": (10, "*string"),
        "features": (2, "RecognitionFeatures"),
        "adaptation": (6, "SpeechAdaptation"),
    },
    "StreamingRecognitionFeatures": {"interim_results": (2, "bool")},
    "StreamingRecognitionConfig": {
        "config": (1, "RecognitionConfig"),
        "streaming_features": (2, "StreamingRecognitionFeatures"),
    },
    "StreamingRecognizeRequest": {
        "recognizer": (3, "string"),
        "streaming_config": (6, "StreamingRecognitionConfig"),
        "audio": (5, "bytes"),
    },
    "SpeechRecognitionAlternative": {"transcript": (1, "string"), "confidence": (2, "float")},
    "StreamingRecognitionResult": {
        "alternatives": (1, "*SpeechRecognitionAlternative"),
        "is_final": (2, "bool"),
        "stability": (3, "float"),
    },
    "StreamingRecognizeResponse": {"results": (6, "*StreamingRecognitionResult")},
}
"""Fields by name: number and type; `*`: repeated."""


def _described() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="media_workers/speech_v2.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            label = _FIELD.LABEL_REPEATED if kind.startswith("*") else _FIELD.LABEL_OPTIONAL
            kind = kind.removeprefix("*")
            added = message.field.add(name=field, number=number, label=label)
            if kind in _SCALARS:
                added.type = _SCALARS[kind]
            else:
                added.type, added.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    return file


# A pool of our own: Google's package may be loaded beside it and describes the same names.
_CLASSES: dict[str, Any] = message_factory.GetMessages([_described()], pool=descriptor_pool.DescriptorPool())

Request: Any = _CLASSES[f"{_PACKAGE}.StreamingRecognizeRequest"]
Response: Any = _CLASSES[f"{_PACKAGE}.StreamingRecognizeResponse"]
