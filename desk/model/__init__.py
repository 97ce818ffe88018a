"""What the desk knows, as plain values, and the moves that are legal. Pure: no I/O."""
