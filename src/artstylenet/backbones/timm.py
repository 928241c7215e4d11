"""Networks of timm; the only module that imports torch."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from artstylenet.backbones.features import RawFeatures, features_from_maps
from artstylenet.errors import BackboneError, MissingExtraError

if TYPE_CHECKING:
    import torch


_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)?")


class TimmBackbone:
    """A timm network cut at its stages; made by :meth:`open`."""

    has_descriptor = False

    def __init__(self, name: str, network: torch.nn.Module, configuration: dict[str, Any]) -> None:
        self.network = network
        self.name = f"timm/{name}"
        self.licence = str(configuration.get("license") or "see the model's page")
        self.input_size = int(configuration["input_size"][1])
        self.mean = np.float32(configuration["mean"]) * 255
        self.scale = 1 / (np.float32(configuration["std"]) * 255)
        self.stage_channels = tuple(network.feature_info.channels())
        digest = hashlib.sha256(f"{self.name} {self.input_size}".encode())
        for tensor in network.state_dict().values():
            digest.update(tensor.cpu().numpy().tobytes())
        self.key = digest.hexdigest()[:16]

    @classmethod
    def open(cls, name: str, *, n_threads: int = 1) -> TimmBackbone:
        """Fetch (or find on disk) and open a timm model.

        Raises
        ------
        MissingExtraError
            If torch or timm is not installed.
        BackboneError
            If timm knows no such model or its weights cannot be had, for instance offline.
        """
        if not _NAME.fullmatch(name):
            # What timm would take from anywhere may be a pickle, and atlases name backbones, too.
            raise BackboneError(f"{name!r} is not a network of timm's own, such as resnet50.")
        try:
            import timm
            import torch
        except ImportError as error:
            raise MissingExtraError(
                f"The backbone timm/{name} needs torch and timm: pip install 'artstylenet[torch]'"
            ) from error
        torch.set_num_threads(n_threads)
        try:
            network = timm.create_model(name, pretrained=True, features_only=True).eval()
        # timm and its hub client raise many unrelated classes for "no such model" and "offline".
        except Exception as error:
            raise BackboneError(
                f"timm/{name} could not be opened; either timm knows no such model or its weights "
                f"are neither on this disk nor to be had offline ({error})."
            ) from error
        return cls(name, network, network.pretrained_cfg)

    def extract(self, images: np.ndarray) -> RawFeatures:
        """Return features of uint8 RGB pictures of shape (n, input_size, input_size, 3)."""
        import torch

        normalised = ((images - self.mean) * self.scale).transpose(0, 3, 1, 2)
        with torch.inference_mode():
            maps = self.network(torch.from_numpy(np.ascontiguousarray(normalised)))
        return features_from_maps([feature_map.numpy() for feature_map in maps])
