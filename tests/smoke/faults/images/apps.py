"""Apps whose own test does not pass."""

from ..fault import ImageFault

APPS = (
    ImageFault(
        "app-that-fails",
        "an app's own test exits with 3",
        ("app.test",),
        changes={"command": ["sh", "-c", "exit 3"], "seconds": 9},
    ),
    ImageFault(
        "app-that-hangs",
        "an app's own test waits for ever",
        ("app.test",),
        changes={"command": ["sleep", "60"], "seconds": 1},
    ),
    ImageFault(
        "app-that-is-not-there",
        "an app's own test is a program that the image does not have",
        ("app.test",),
        changes={"command": ["/opt/app"], "seconds": 9},
    ),
)
