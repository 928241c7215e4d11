"""What a worker and its caller say to each other, pickled, one message after the other.

::

    caller                      worker
    Setup          ->
                   <-           Ready, or Broken and the end
    Read(path)     ->
                   <-           Hashed(hash) or Failed(reason)
    EXTRACT        ->                                           only if the hash is new
                   <-           Extracted(row), Failed(reason), or Broken and the end

A worker has at most one file in hand, so that its death has one possible cause, and nobody's work
has to be done twice. The price is two passages through a pipe for each file, a fifth of a
millisecond. ONNX Runtime is as fast with one picture as with many on a CPU, and features cannot
depend on which pictures happened to share a batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from artstylenet.backbones.features import Backbone
from artstylenet.errors import ArtStyleNetError
from artstylenet.feature_store import FeatureRow


@dataclass(frozen=True)
class Setup:
    """The first message: how to open the backbone, and whose worker this is."""

    open_backbone: Callable[[], Backbone]
    caller_pid: int


@dataclass(frozen=True)
class Read:
    """Read a file and say its hash; keep its bytes until the next message."""

    path: str


class Command(Enum):
    """What needs no details."""

    EXTRACT = "extract the features of the file in hand"


@dataclass(frozen=True)
class Ready:
    """The backbone is open."""

    backbone_key: str


@dataclass(frozen=True)
class Hashed:
    """The file was read."""

    image_hash: str


@dataclass(frozen=True)
class Extracted:
    """The file is done."""

    row: FeatureRow


@dataclass(frozen=True)
class Failed:
    """The file in hand cannot be used."""

    reason: str


@dataclass(frozen=True)
class Broken:
    """The worker itself cannot go on, whatever the file."""

    error: ArtStyleNetError


FromWorker = Ready | Hashed | Extracted | Failed | Broken
