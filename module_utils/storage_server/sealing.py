"""Encryption of secrets: in requests, in the form that the server's admin API reads, and in files of our own.

Form of requests: 32 bytes salt, 1 byte how the key is made, 8 bytes nonce, then chunks of 16 KiB, each with a tag of 16
bytes (github.com/secure-io/sio-go; madmin-go's encrypt.go). The SDK has this too, but only with argon2id, which costs
both sides a tenth of a second and 64 MiB for each request. Where nobody can listen, PBKDF2 hides as much.
"""

from __future__ import annotations

import base64
import hashlib
import os

from argon2.low_level import Type, hash_secret_raw
from Crypto.Cipher import AES

CHUNK = 16 * 1024
ARGON2, PBKDF2 = b"\x00", b"\x02"


def seal(payload: bytes, secret: str, *, listened_to: bool) -> bytes:
    """Encrypt with the secret key of who asks. `listened_to`: somebody on the way could try to guess that key."""
    salt, nonce = os.urandom(32), os.urandom(8)
    key = _strong_key(secret, salt) if listened_to else hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, 8192, 32)
    _, tag = _cipher(key, nonce, 0).encrypt_and_digest(b"")
    sealed = salt + (ARGON2 if listened_to else PBKDF2) + nonce
    chunks = [payload[start : start + CHUNK] for start in range(0, len(payload), CHUNK)] or [b""]
    for number, chunk in enumerate(chunks, start=1):
        cipher = _cipher(key, nonce, number)
        cipher.update((b"\x80" if number == len(chunks) else b"\x00") + tag)
        sealed += b"".join(cipher.encrypt_and_digest(chunk))
    return sealed


def _cipher(key: bytes, nonce: bytes, number: int):  # type: ignore[no-untyped-def]
    return AES.new(key, AES.MODE_GCM, nonce=nonce + number.to_bytes(4, "little"))


def _strong_key(secret: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        secret.encode(), salt, time_cost=1, memory_cost=65536, parallelism=4, hash_len=32, type=Type.ID
    )


def seal_file(text: str, secret: str) -> str:
    """Encrypt what is kept beside the secret that it is sealed with: 16 bytes salt, 16 nonce, 16 tag, the text."""
    salt = os.urandom(16)
    cipher = AES.new(_file_key(secret, salt), AES.MODE_GCM)
    sealed, tag = cipher.encrypt_and_digest(text.encode())
    return base64.b64encode(salt + cipher.nonce + tag + sealed).decode()


def unseal_file(sealed: str, secret: str) -> str | None:
    """What was sealed; None if it was sealed with another secret."""
    try:
        whole = base64.b64decode(sealed, validate=True)
        cipher = AES.new(_file_key(secret, whole[:16]), AES.MODE_GCM, nonce=whole[16:32])
        return cipher.decrypt_and_verify(whole[48:], whole[32:48]).decode()
    except ValueError:
        return None


def _file_key(secret: str, salt: bytes) -> bytes:
    # A secret that people chose is guessed slowly: 20 ms each.
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**13, r=8, p=1, dklen=32)
