"""Files of a call, kept in the storage `recordings`: its sound, and its packets; and those that must go."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.calls.models.call import Call
from tenants.models import TenantModel


class Recording(TenantModel):
    """A stereo WAV in the storage `recordings`: the caller on the left, the agent on the right."""

    id_prefix = "rec_"

    call = models.OneToOneField(Call, on_delete=models.PROTECT, db_constraint=False, related_name="recording")
    storage_key = models.CharField(max_length=255)
    duration_ms = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    peaks = models.BinaryField(
        blank=True,
        default=b"",
        help_text="Loudness over time, 0 to 255: half of it the left, half the right.",
    )
    source_sha256 = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Of what the node sent.",
    )
    sealed = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Not to be heard yet: something in it is to be silenced first.",
    )

    class Meta:
        indexes = [models.Index(fields=["id"], name="calls_recording_sealed", condition=Q(sealed=True))]

    def __str__(self) -> str:
        return self.storage_key


class Capture(TenantModel):
    """RTP of a call as a node captured it: pcap in the storage `recordings`, without the SIP messages."""

    id_prefix = "cap_"

    call = models.OneToOneField(Call, on_delete=models.PROTECT, db_constraint=False, related_name="capture")
    storage_key = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    packets = models.PositiveIntegerField()
    truncated = models.BooleanField(
        default=False, help_text="The beginning is missing: the call was longer than what may be kept."
    )

    def __str__(self) -> str:
        return self.storage_key


class FileToDelete(TenantModel):
    """A file of the storage `recordings` that nothing refers to any more, or nothing may come to refer to.

    Written in the transaction that takes the reference away, and before a file is written whose row comes
    later: whoever dies in between leaves no file that nobody knows of. It goes with its file, from `due_at`
    on.
    """

    storage_key = models.CharField(max_length=255)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="calls_filetodelete_due")]

    def __str__(self) -> str:
        return self.storage_key
