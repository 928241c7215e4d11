"""The worker's end: one file at a time, in a process of its own.

Decoders are large programs in C that read files from strangers. Here they may crash, hang or run
out of memory, and cost nothing but the file in hand.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np

from artstylenet.backbones.features import Backbone
from artstylenet.errors import ArtStyleNetError, ImageError
from artstylenet.extraction.messages import (
    Broken,
    Command,
    Extracted,
    Failed,
    FromWorker,
    Hashed,
    Read,
    Ready,
    Setup,
)
from artstylenet.feature_store import FeatureRow, to_float16
from artstylenet.imaging import content_hash, decode_picture, read_file
from artstylenet.memory_limit import limit_memory

MEMORY_BYTES = 3 << 30
"""What a worker may take beside its network: the decoder's allowance, with room for mistakes."""

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve one caller through standard input and output until it is gone."""
    commands, replies = _take_streams()
    setup = pickle.load(commands)
    assert isinstance(setup, Setup)
    _die_with(setup.caller_pid)
    # Odd metadata in pictures of strangers are nobody's concern.
    warnings.simplefilter("ignore")
    try:
        backbone = setup.open_backbone()
    except ArtStyleNetError as error:
        _send(replies, Broken(error))
        return
    except Exception as error:  # noqa: BLE001 - it reaches the user through the caller
        _send(replies, Broken(ArtStyleNetError(f"The backbone cannot be opened: {error!r}.")))
        return
    limit_memory(MEMORY_BYTES)
    _silence()
    _send(replies, Ready(backbone.key))
    _serve(backbone, commands, replies)


def _serve(backbone: Backbone, commands: BinaryIO, replies: BinaryIO) -> None:
    data, image_hash = b"", ""
    while True:
        try:
            command = pickle.load(commands)
        except EOFError:
            return
        reply: FromWorker
        try:
            if isinstance(command, Read):
                data = b""  # the last file need not stay in memory beside the next
                data = read_file(Path(command.path))
                image_hash = content_hash(data)
                reply = Hashed(image_hash)
            else:
                assert command is Command.EXTRACT
                reply = Extracted(_extract_row(backbone, data, image_hash))
        except ImageError as error:
            reply = Failed(str(error))
        except MemoryError:
            reply = Failed("too large: ran out of memory")
        except Exception as error:  # noqa: BLE001 - it reaches the user through the caller
            reply = Broken(ArtStyleNetError(f"The backbone {backbone.name} failed: {error!r}."))
        _send(replies, reply)


def _extract_row(backbone: Backbone, data: bytes, image_hash: str) -> FeatureRow:
    picture = decode_picture(data, backbone.input_size)
    raw = backbone.extract(picture.pixels[np.newaxis])
    return FeatureRow(
        image_hash=image_hash,
        width=picture.width,
        height=picture.height,
        perceptual_hash=picture.perceptual_hash,
        thumbnail=picture.thumbnail,
        statistics=to_float16(raw.statistics[0]),
        local=raw.local[0],
        **{
            name: to_float16(found[0])
            for name in ("windows", "descriptor", "part_descriptors")
            if (found := getattr(raw, name)) is not None
        },
    )


def _send(replies: BinaryIO, reply: FromWorker) -> None:
    pickle.dump(reply, replies, protocol=pickle.HIGHEST_PROTOCOL)
    replies.flush()


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for messages alone: whatever a library prints goes to standard error."""
    commands = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return commands, replies


def _silence() -> None:
    """Drop what decoders print about damaged files: the caller gets a reason for each."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)


def _die_with(caller_pid: int) -> None:
    """Have the kernel end this process when its caller ends, even by SIGKILL.

    Only Linux can; elsewhere the closed pipes end it after the file in hand.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != caller_pid:  # it ended before we asked
            os._exit(1)
