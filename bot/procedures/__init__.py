"""Diagnostic procedures as data: model, loader, reading of messages, stepping, trace.

Imports no Rasa, and does no I/O beyond the loader's reading of YAML.
Valid Python 3.10, because both environments import it."""
