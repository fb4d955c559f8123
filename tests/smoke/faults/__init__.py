"""Every fault that is planted on purpose, and what has to refuse it. docs/faults.md is made of this."""

from .drivers import DRIVERS
from .images import IMAGES
from .receipts import POLICIES, RECEIPTS, STATEMENTS
from .reports import REPORTS

ALL = (*IMAGES, *DRIVERS, *REPORTS, *STATEMENTS, *RECEIPTS, *POLICIES)

__all__ = ["ALL", "DRIVERS", "IMAGES", "POLICIES", "RECEIPTS", "REPORTS", "STATEMENTS"]
