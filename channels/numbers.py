"""Numbers in addresses, no larger than those there are: what has more digits is nobody's address, and answered 404."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor


class _Id(Convertor[int]):
    """As the framework's ``int``, which takes any number of digits: Python refuses to read some, databases to store."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        """The number in an address."""
        return int(value)

    def to_string(self, value: int) -> str:
        """As it stands in an address."""
        return str(value)


class _Seq(_Id):
    regex = "[0-9]{1,9}"


def register() -> None:
    """Have routes know ``{name:id}``, which fits 64 bits, and ``{name:seq}``, which fits 32; before they are made."""
    register_url_convertor("id", _Id())
    register_url_convertor("seq", _Seq())
