"""What a matrix may say, as pydantic models. The JSON Schema that editors use is generated from them."""

from builder.matrix.schema.apps import App
from builder.matrix.schema.cells import Exclude, Include, Match, Override
from builder.matrix.schema.hosts import HostEntry
from builder.matrix.schema.matrix import Matrix
from builder.matrix.schema.names import AXES, TERMS
from builder.matrix.schema.rules import Adjustment
from builder.matrix.schema.smoke import Smoke
from builder.matrix.schema.tags import Tags

__all__ = [
    "AXES",
    "TERMS",
    "Adjustment",
    "App",
    "Exclude",
    "HostEntry",
    "Include",
    "Match",
    "Matrix",
    "Override",
    "Smoke",
    "Tags",
]
