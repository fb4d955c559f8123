"""Signatures: made and checked by cosign, carried in bundles."""
