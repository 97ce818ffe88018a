"""The HTTP interfaces of the desk: REST for other programs, and the internal one that the assistant's actions call."""
