"""What statements of others attached to an image say: in-toto provenance and SPDX package lists."""
