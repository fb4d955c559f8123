from builder.facts import systems


def test_pythons_beside_the_default_one() -> None:
    rocky = systems.system("rockylinux9")
    assert rocky is not None
    assert [v for v in ("3.9", "3.10", "3.11", "3.12", "3.13") if rocky.has_python(v)] == [
        "3.9",
        "3.11",
        "3.12",
    ]


def test_a_system_without_a_known_python_has_none() -> None:
    amazon = systems.system("amzn2")
    assert amazon is not None
    assert not amazon.has_python("3.7")
