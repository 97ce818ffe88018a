"""Slack as the technicians' console: cards for handovers, threads that mirror conversations, forms for moves.

The record is the same, and so are the use cases: this is one more surface besides `desk.console`. Everything that is
written in a thread stays internal unless it is an explicit reply.
"""
