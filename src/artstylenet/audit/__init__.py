"""Is a style really a style? Tests against what reproductions do to pictures, and novelty."""

from artstylenet.audit.confounds import CONFOUNDS, audit_styles
from artstylenet.audit.novelty import novelty

__all__ = ["CONFOUNDS", "audit_styles", "novelty"]
