"""The composition root: settings, wiring, processes and the command line. Knows everybody; nobody knows it."""
