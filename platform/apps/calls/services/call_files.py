"""Files of calls, recordings and captures: received from a node, kept in the storage `recordings`."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Protocol, TypeVar
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage, storages

from apps.calls.errors import CallNotYours, RecordingRefused
from apps.calls.models import Call, Capture, Recording
from apps.calls.selectors import locked, tenant_of
from apps.calls.services.files_to_delete import announce, delete_after_commit, keep
from telephony.edge.models import MediaNode
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import current_tenant_id, tenant_scope

CHUNK_BYTES = 256 * 1024
IN_MEMORY_BYTES = 4 * 1024 * 1024

CallFile = TypeVar("CallFile", Recording, Capture)


class Readable(Protocol):
    """What a file is read from: a file, or a request."""

    def read(self, size: int, /) -> bytes: ...


def recording_storage() -> Storage:
    """Where recordings are kept: the file system, or S3 when RECORDINGS_S3_BUCKET is set."""
    return storages["recordings"]


def present_file(
    kind: type[CallFile], node: MediaNode, call_id: UUID, sha256: str
) -> tuple[Call, CallFile | None]:
    """The call, and its stored file when that has this SHA-256. Raises CallUnknown, CallNotYours."""
    with tenant_scope(tenant_of(call_id)):
        call = Call.objects.get(pk=call_id)
        if call.node_id != node.pk:
            raise CallNotYours("This call is carried by another media node, or by none.")
        present = kind.objects.filter(call=call).first()
    sent = (present.sha256, getattr(present, "source_sha256", "")) if present is not None else ()
    if present is not None and sha256 in sent and recording_storage().exists(present.storage_key):
        return call, present
    return call, None


def storage_key(call: Call, ending: str) -> str:
    """A new one for a file of `call`, below its tenant and day."""
    return f"{call.tenant_id.hex}/{call.created_at:%Y/%m/%d}/{call.pk.hex}-{new_id().hex}.{ending}"


def stored(call: Call, file: IO[bytes], ending: str) -> str:
    """Keeps `file` for `call` and gives its name back. It goes by itself later, unless `attach` or whoever
    refers to it says `files_to_delete.keep`. Outside any transaction."""
    key = storage_key(call, ending)
    with tenant_scope(call.tenant_id):
        announce(key)
    if recording_storage().save(key, File(file)) != key:
        raise OSError("the storage of recordings has given a file another name")
    return key


@contextmanager
def received(stream: Readable, *, sha256: str, max_bytes: int) -> Iterator[tuple[IO[bytes], int]]:
    """What `stream` gives, in a temporary file at its beginning, and its size in bytes. Raises
    RecordingRefused when it is longer than `max_bytes` or not what was announced."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > max_bytes:
                raise RecordingRefused(f"The file may have at most {max_bytes} bytes.", code="too_large")
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != sha256:
            raise RecordingRefused(
                "The SHA-256 of the body is not the one announced; send it again.", code="sha256"
            )
        file.seek(0)
        yield file, size


def attach(
    kind: type[CallFile],
    call: Call,
    key: str,
    values: Mapping[str, Any],
    *,
    tell: Callable[[CallFile], None] | None = None,
) -> CallFile:
    """Makes the stored file `key` the call's, and has `tell` say so in the same transaction; the file it
    replaces, or fails with, is deleted."""
    try:
        with tenant_scope(call.tenant_id):
            _refuse_when_leaving()
            locked(call.pk)
            keep(key)
            old = kind.objects.select_for_update().filter(call=call).first()
            if old is not None:
                delete_after_commit(old.storage_key)
            attached, _ = kind.objects.update_or_create(call=call, defaults={"storage_key": key, **values})
            if tell is not None:
                tell(attached)
    except Exception:  # whatever it was: the file has no row
        recording_storage().delete(key)
        raise
    return attached


def _refuse_when_leaving() -> None:
    """RecordingRefused once the tenant in force is being deleted: its files may be gone already, and a new
    one would stay for ever. The lock keeps the deletion waiting until this file is known, and nobody who
    writes rows of the tenant."""
    if Tenant.objects.select_for_update(no_key=True).get(pk=current_tenant_id()).deleting_at is not None:
        raise RecordingRefused("The tenant of this call is being deleted.", code="tenant_leaving")
