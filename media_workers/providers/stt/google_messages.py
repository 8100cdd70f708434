"""The messages of Google's Speech-to-Text v2 that a streaming call takes, for gRPC.

Names and numbers are those of `google/cloud/speech/v2/cloud_speech.proto` (Apache-2.0).
"""

from __future__ import annotations

from typing import Any

from media_workers.providers.protobuf import Fields, message_classes

_MESSAGES: dict[str, Fields] = {
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
        "language_code": (6, "string"),
    },
    "StreamingRecognizeResponse": {"results": (6, "*StreamingRecognitionResult")},
}

_CLASSES = message_classes("google.cloud.speech.v2", _MESSAGES)

Request: Any = _CLASSES["StreamingRecognizeRequest"]
Response: Any = _CLASSES["StreamingRecognizeResponse"]
