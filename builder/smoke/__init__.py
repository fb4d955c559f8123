"""What an image must show before it is published: probes, verdicts, receipts and when a receipt counts."""
