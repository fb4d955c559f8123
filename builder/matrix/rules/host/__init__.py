"""Rules about the machines that the matrix says its images run on."""
