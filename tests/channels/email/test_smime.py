"""S/MIME: signed mail is read, encrypted mail says that it is."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, keys, x509

from channels.email import smime
from tests.channels.email.mails import letter, mail, multipart, part, read

INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSigned caf\xc3\xa9"


def certificate() -> x509.Certificate:
    """Alice's, signed by nobody: no signature is checked."""
    name = x509.Name.build({"common_name": "Alice Jansen"})
    rsa = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
    day = x509.Time({"utc_time": datetime(2026, 1, 1, tzinfo=UTC)})
    public = keys.PublicKeyInfo(
        {"algorithm": {"algorithm": "rsa"}, "public_key": keys.RSAPublicKey({"modulus": 3233, "public_exponent": 17})}
    )
    names = x509.GeneralNames([x509.GeneralName("rfc822_name", "alice@example.org")])
    told = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": 7,
            "signature": rsa,
            "issuer": name,
            "validity": {"not_before": day, "not_after": day},
            "subject": name,
            "subject_public_key_info": public,
            "extensions": [{"extn_id": "subject_alt_name", "extn_value": core.ParsableOctetString(names.dump())}],
        }
    )
    return x509.Certificate({"tbs_certificate": told, "signature_algorithm": rsa, "signature_value": b"\0"})


def signed(content: bytes | None) -> bytes:
    """Signed data; without `content` it is a signature apart."""
    holder = certificate()
    sid = cms.SignerIdentifier(
        "issuer_and_serial_number", cms.IssuerAndSerialNumber({"issuer": holder.issuer, "serial_number": 7})
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": sid,
            "digest_algorithm": {"algorithm": "sha256"},
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": b"\0",
        }
    )
    wrapped = {"content_type": "data"} if content is None else {"content_type": "data", "content": content}
    return _info(
        "signed_data",
        cms.SignedData(
            {
                "version": "v1",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": wrapped,
                "certificates": [cms.CertificateChoices("certificate", holder)],
                "signer_infos": [signer],
            }
        ),
    )


def encrypted() -> bytes:
    content = {
        "content_type": "data",
        "content_encryption_algorithm": {"algorithm": "aes256_cbc", "parameters": b"\0" * 16},
        "encrypted_content": b"secret",
    }
    return _info(
        "enveloped_data", cms.EnvelopedData({"version": "v0", "recipient_infos": [], "encrypted_content_info": content})
    )


def compressed(content: bytes) -> bytes:
    packed = {"content_type": "data", "content": zlib.compress(content)}
    told = {"version": "v0", "compression_algorithm": {"algorithm": "zlib"}, "encap_content_info": packed}
    return _info("compressed_data", cms.CompressedData(told))


def _info(kind: str, content: object) -> bytes:
    dumped: bytes = cms.ContentInfo({"content_type": kind, "content": content}).dump()
    return dumped


def opaque(content: bytes) -> bytes:
    fields = ("Content-Type: application/pkcs7-mime; name=smime.p7m", "Content-Transfer-Encoding: base64")
    return mail(base64.encodebytes(content), *fields)


def test_what_a_signature_wraps_is_read() -> None:
    incoming = read(opaque(signed(INNER)))
    assert incoming.text == "Signed café"
    assert letter(incoming).signed_by == "alice@example.org"
    assert incoming.attachments == ()


def test_a_signature_apart_tells_whose_it_is() -> None:
    raw = multipart(
        "signed",
        INNER,
        part(
            "application/pkcs7-signature; name=smime.p7s",
            base64.encodebytes(signed(None)),
            "Content-Transfer-Encoding: base64",
        ),
    )
    incoming = read(raw)
    assert (incoming.text, letter(incoming).signed_by) == ("Signed café", "alice@example.org")


def test_encrypted_mail_says_so_and_is_kept() -> None:
    incoming = read(opaque(encrypted()))
    assert (letter(incoming).encrypted, letter(incoming).full_text) == ("smime", "")
    assert [file.name for file in incoming.attachments] == ["smime.p7m"]


def test_compressed_and_signed_again_is_unwrapped() -> None:
    inner = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n" + compressed(INNER)
    assert read(opaque(signed(inner))).text == "Signed café"


def test_what_cannot_be_read_is_a_file() -> None:
    assert smime.read(b"\x30\x80garbage") is None
    incoming = read(opaque(b"garbage"))
    assert [(file.name, file.content) for file in incoming.attachments] == [("smime.p7m", b"garbage")]
