"""S/MIME (RFC 8551): what a signature wraps, and whose it is. Nothing is decrypted, no signature is checked. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asn1crypto import cms, x509

TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_MAX_INFLATED = 100_000_000


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What is in an ``smime.p7m``, or an ``smime.p7s``."""

    content: bytes = b""
    """A part of a mail; empty where the signature is apart from it."""
    signed_by: str | None = None
    encrypted: bool = False


def read(content: bytes) -> Wrapped | None:
    """What `content`, in DER, wraps; None when it cannot be read."""
    from asn1crypto import cms

    try:
        return _read(cms.ContentInfo.load(content))
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        zlib.error,
        RecursionError,
    ):  # asn1crypto's, of what is no CMS
        return None


def _read(info: cms.ContentInfo) -> Wrapped | None:
    match info["content_type"].native:
        case "signed_data":
            signed = info["content"]
            inner = signed["encap_content_info"]["content"]
            return Wrapped(inner.native if isinstance(inner.native, bytes) else b"", _signer(signed))
        case "enveloped_data" | "encrypted_data" | "authenticated_enveloped_data":
            return Wrapped(encrypted=True)
        case "compressed_data":
            packed = info["content"]["encap_content_info"]["content"].native
            return Wrapped(zlib.decompressobj().decompress(packed, _MAX_INFLATED))
        case _:
            return None


def _signer(signed: cms.SignedData) -> str | None:
    """The mail address, or else the name, in the certificate by which it was signed."""
    from asn1crypto import x509

    certificates = [each.chosen for each in signed["certificates"] if isinstance(each.chosen, x509.Certificate)]
    serials = {
        signer["sid"].chosen["serial_number"].native
        for signer in signed["signer_infos"]
        if signer["sid"].name == "issuer_and_serial_number"
    }
    by_serial = [each for each in certificates if each.serial_number in serials]
    ends = [each for each in certificates if not each.ca]
    for certificate in by_serial or ends or certificates:
        subject = certificate.subject.native
        names = [*_alternative(certificate), subject.get("email_address"), subject.get("common_name")]
        return next((name for name in names if isinstance(name, str) and name), str(certificate.subject.human_friendly))
    return None


def _alternative(certificate: x509.Certificate) -> list[str]:
    names = certificate.subject_alt_name_value
    return [name.native for name in names if name.name == "rfc822_name"] if names is not None else []
