"""Parts of the documentation that are computed; see ``make docs``."""
