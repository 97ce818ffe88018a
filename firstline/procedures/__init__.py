"""Tools for authors of procedures: check them, draw them, play them in the terminal, count their ways.

They need neither Rasa nor settings: a bare checkout is enough.
"""
