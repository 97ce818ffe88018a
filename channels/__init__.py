"""The pipes: each knows its network and the contract, nothing of desk or bot."""
