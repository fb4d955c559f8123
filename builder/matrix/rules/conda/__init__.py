"""Rules on environments of conda's."""
