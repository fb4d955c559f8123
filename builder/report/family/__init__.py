"""The family of images as it stands, and what its formats are made of."""
