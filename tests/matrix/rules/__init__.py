"""Tests of the rules: for each a planted fault, and what mends it."""
