"""Word counts -> topics: Latent Dirichlet Allocation by collapsed variational inference."""

from artstylenet.topics.estimator import CollapsedTopics

__all__ = ["CollapsedTopics"]
