"""From the model to the cells that should exist: their bases, wheels, Pythons and apps."""
