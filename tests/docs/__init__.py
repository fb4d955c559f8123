"""The documentation: current where it is generated, and true where it shows commands, matrices and links."""
