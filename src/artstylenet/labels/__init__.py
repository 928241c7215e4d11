"""Wall labels: what is typical of a style, in numbers and in one or two plain sentences."""

from artstylenet.labels.wall_label import WallLabel, style_label

__all__ = ["WallLabel", "style_label"]
