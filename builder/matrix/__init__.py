"""The matrix language: from text to the cells that should exist, and what the rules say of them."""
