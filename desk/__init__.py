"""The desk: it keeps the record of customers, conversations, messages, tickets and technicians."""
