"""A backbone without a network, which misbehaves at the sight of certain colours."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import numpy as np

from artstylenet.backbones import RawFeatures
from artstylenet.errors import BackboneError

CRASHES = (255, 0, 0)
HANGS = (0, 255, 0)
FAILS = (0, 0, 255)
TAKES_TOO_MUCH_MEMORY = (255, 255, 0)


@dataclass(frozen=True)
class FakeBackbone:
    """Features are means of colours."""

    key: str = "fake"
    name: str = "fake"
    input_size: int = 28
    stage_channels: tuple[int, ...] = (3,)
    licence: str = "MIT"

    def extract(self, images: np.ndarray) -> RawFeatures:
        for image in images:
            self._misbehave(tuple(image.reshape(-1, 3).mean(axis=0).round().astype(int)))
        means = images.reshape(len(images), -1, 3).mean(axis=1, dtype=np.float32)
        statistics = np.concatenate([means, images.reshape(len(images), -1, 3).std(axis=1)], axis=1)
        cells = images.reshape(len(images), 14, 2, 14, 2, 3).mean(axis=(2, 4))
        return RawFeatures(
            statistics.astype(np.float32),
            (cells.reshape(len(images), 196, 3) / 2).astype(np.int8),
            np.stack([statistics.astype(np.float32)] * 4, axis=1),
        )

    @staticmethod
    def _misbehave(colour: tuple[int, ...]) -> None:
        if colour == CRASHES:
            os.kill(os.getpid(), signal.SIGSEGV)
        if colour == HANGS:
            time.sleep(1000)
        if colour == FAILS:
            raise RuntimeError("blue is not a colour")
        if colour == TAKES_TOO_MUCH_MEMORY:
            np.empty(4 << 30, np.uint8)  # never touched: only a limit refuses it


def cannot_be_opened() -> FakeBackbone:
    """Say what a missing model says."""
    raise BackboneError("There is no such model.")


def cannot_even_start() -> FakeBackbone:
    """Die as a broken library does."""
    os._exit(3)


class Chatty(FakeBackbone):
    """Prints where the messages go."""

    def extract(self, images: np.ndarray) -> RawFeatures:
        os.write(1, b"progress: 100 %")
        return super().extract(images)


def changes_its_key() -> FakeBackbone:
    """Be another model in every process."""
    return FakeBackbone(key=str(os.getpid()))
