"""What is published: the gate that decides, the promotion of what it approves, and what keeps that true."""
