"""Rules about tags and versions: what is floating, invalid or not unique."""
