"""What one writes by hand: full decode, torchvision's transforms written out, eager ResNet-50.

Run by ``benchmarks.yardstick`` in a Python that has torch, as ``python by_hand.py FOLDER``. With
a second folder it goes on to styles and writes figures there: scikit-learn's PCA on the pooled
features, its scores shifted to be non-negative, batch LDA for 5 to 20 styles, a curve and a heatmap
with matplotlib. It imports nothing of ArtStyleNet.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
DEVIATION = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, n_in: int, width: int, stride: int) -> None:
        super().__init__()
        n_out = 4 * width
        self.body = nn.Sequential(
            nn.Conv2d(n_in, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, n_out, 1, bias=False),
            nn.BatchNorm2d(n_out),
        )
        self.shortcut = (
            nn.Identity()
            if stride == 1 and n_in == n_out
            else nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add the body to the shortcut."""
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet50() -> nn.Module:
    """Return ResNet-50 without its classifier; random weights cost as much as learnt ones."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
    ]
    n_in = 64
    for stage, (width, depth) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for block in range(depth):
            layers.append(Bottleneck(n_in, width, 2 if stage and not block else 1))
            n_in = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Paintings(Dataset):  # type: ignore[type-arg]
    """Files of a folder, each resized to 256, cropped to 224 and normalised."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(folder.iterdir())

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, i: int) -> torch.Tensor:
        image = Image.open(self.paths[i]).convert("RGB")
        scale = 256 / min(image.size)
        width, height = (max(256, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BILINEAR)
        left, top = (width - 224) // 2, (height - 224) // 2
        image = image.crop((left, top, left + 224, top + 224))
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255
        return (pixels - MEAN) / DEVIATION


def extract(folder: Path) -> np.ndarray:
    """Return pooled features (n, 2048) of all pictures."""
    torch.manual_seed(0)
    model = resnet50().eval()
    features = []
    with torch.no_grad():
        for batch in DataLoader(Paintings(folder), batch_size=32, num_workers=2):
            features.append(model(batch).numpy())  # noqa: PERF401
    return np.concatenate(features)


def find_styles(features: np.ndarray, figures: Path) -> None:
    """Fit LDA for 5 to 20 styles on shifted principal components and draw what came out."""
    from matplotlib import pyplot
    from sklearn.decomposition import PCA, LatentDirichletAllocation

    scores = PCA(64, svd_solver="full").fit_transform(features)
    scores -= scores.min(axis=0)
    perplexity, mixtures = {}, {}
    for n_styles in range(5, 21):
        model = LatentDirichletAllocation(n_styles, learning_method="batch", random_state=0)
        mixtures[n_styles] = model.fit_transform(scores)
        perplexity[n_styles] = model.perplexity(scores)
    pyplot.plot(list(perplexity), list(perplexity.values()))
    pyplot.savefig(figures / "perplexity.png")
    pyplot.figure()
    pyplot.imshow(mixtures[min(perplexity, key=perplexity.__getitem__)][:50], aspect="auto")
    pyplot.savefig(figures / "heatmap.png")


def main() -> None:
    """Extract features and, where a place for figures is given, find styles."""
    folder, *figures = map(Path, sys.argv[1:])
    features = extract(folder)
    if figures:
        find_styles(features, figures[0])


if __name__ == "__main__":
    main()
