"""Tests of the matrix language and its rules."""
