"""Environments of conda's: what a cell asks for, what a file adds, what versions a constraint admits."""
