"""The program that runs inside an image: Python 3.9 or later, the standard library, torch if it is there."""
