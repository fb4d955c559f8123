"""What the templates in dockerfiles/ can build on."""

PACKAGE_MANAGERS = ("apt", "dnf")
# Virtual environments for older ones need older tools, which this project does not carry.
OLDEST_PYTHON = "3.8"
