"""Messages of Google's APIs for gRPC, made of tables of what is used of them.

What is left out the wire format allows to leave out. Google's own packages cost a process a second and 30 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Fields = Mapping[str, tuple[int, str]]
"""By name: number and type, which is a scalar's or another message's; `*`: repeated. An enum is an int32."""

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _FIELD.TYPE_STRING,
    "bytes": _FIELD.TYPE_BYTES,
    "bool": _FIELD.TYPE_BOOL,
    "int32": _FIELD.TYPE_INT32,
    "float": _FIELD.TYPE_FLOAT,
    "double": _FIELD.TYPE_DOUBLE,
}


def message_classes(package: str, messages: Mapping[str, Fields]) -> dict[str, Any]:
    """The class of each message, by its name without the package."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"media_workers/{package}.proto", package=package, syntax="proto3"
    )
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            label = _FIELD.LABEL_REPEATED if kind.startswith("*") else _FIELD.LABEL_OPTIONAL
            kind = kind.removeprefix("*")
            added = message.field.add(name=field, number=number, label=label)
            if kind in _SCALARS:
                added.type = _SCALARS[kind]
            else:
                added.type, added.type_name = _FIELD.TYPE_MESSAGE, f".{package}.{kind}"
    # A pool of our own: Google's package may be loaded beside it and describes the same names.
    found = message_factory.GetMessages([file], pool=descriptor_pool.DescriptorPool())
    return {name: found[f"{package}.{name}"] for name in messages}
