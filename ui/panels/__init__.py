"""Parts of pages: one file a panel, each with ``show(...)``."""
