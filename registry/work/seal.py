"""Seals confidential fields before they are stored, and opens them. Holds no key of its own, reads no file.

A sealed field is one line of ASCII that says how it is to be opened:

    v1.<suite>.<key id>.<base64 of nonce, ciphertext and tag>

All before the last dot, and what the field is about (`person:12:phone`), are bound to the ciphertext: a sealed field
that was copied into another row, or whose suite or key id was rewritten, does not open. Its length still shows how
long the text is.

Suites stand side by side, so that a city whose cryptography must be 国密 (GB/T 39786) can move field by field: `aesgcm`
is AES-256-GCM, `sm4gcm` is SM4-GCM. Nonces are random, 96 bits; a key is good for 2^32 fields.
"""

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.domain.errors import Refused, RegistryError

SETTING = "REGISTRY_FIELD_KEYS"
VERSION = "v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_SEALED = re.compile(r"(v[0-9]{1,3})\.([a-z0-9]{1,20})\.([a-z0-9-]{1,20})\.([A-Za-z0-9+/]+={0,2})")


class SealBroken(RegistryError):
    """A sealed field that cannot be opened; tells the key it asks for and nothing of what it holds.

    Attributes:
        key_id: None when the field does not even say.
        about: which field it is.
    """

    def __init__(self, reason: str, reason_en: str, key_id: str | None, about: str = "") -> None:
        self.key_id, self.about = key_id, about
        needed = (f"；所需密钥 {key_id}", f"; key needed: {key_id}") if key_id else ("", "")
        super().__init__(f"{reason}{needed[0]} ({reason_en}{needed[1]})")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of confidential fields.

    Attributes:
        by_id: the first seals, all open; 32 bytes each.
        suite: what new seals are made with; old ones name their own.
    """

    by_id: Mapping[str, bytes] = field(repr=False)
    suite: str = "aesgcm"

    @classmethod
    def parse(cls, text: str, suite: str = "aesgcm") -> "Keys":
        """Return the keys that a setting or a file states: `id:base64key`, parted by commas, the current one first.

        Raises:
            Refused: at REGISTRY_FIELD_KEYS, showing no key.
        """
        by_id: dict[str, bytes] = {}
        for place, stated in enumerate(text.split(","), 1):
            key_id, colon, encoded = stated.strip().partition(":")
            if not colon or not _KEY_ID.fullmatch(key_id):
                raise _refused(
                    f"第 {place} 项应为“编号:密钥”，编号限 20 个小写字母、数字、连字符 (entry {place}: id:key expected)"
                )
            if key_id in by_id:
                raise _refused(f"密钥编号 {key_id} 重复 (key id stated twice)")
            key = _decoded(encoded)
            if key is None or len(key) != _KEY_BYTES:
                raise _refused(f"密钥 {key_id} 应为 {_KEY_BYTES} 字节的 base64 (32 bytes in base64 expected)")
            by_id[key_id] = key
        return cls(by_id).using(suite)

    @property
    def current_id(self) -> str:
        """Return the id of the key that seals."""
        return next(iter(self.by_id))

    def using(self, suite: str) -> "Keys":
        """Return the same keys with another suite for new seals.

        Raises:
            Refused: nobody knows it, or this machine's cryptography has it not.
        """
        if suite not in _SUITES:
            raise _refused(f"没有加密套件 {suite!r}，可用：{'、'.join(_SUITES)} (unknown suite)")
        try:
            _SUITES[suite].close(bytes(_KEY_BYTES), bytes(_NONCE_BYTES), b"", b"")
        except UnsupportedAlgorithm:
            raise _refused(f"本机的密码库不支持 {suite} (not supported by this machine's cryptography)") from None
        return replace(self, suite=suite)


def new_key_text(key_id: str) -> str:
    """Return a new random key as `Keys.parse` reads it.

    Raises:
        Refused: the id is none.
    """
    if not _KEY_ID.fullmatch(key_id):
        raise _refused("密钥编号应为至多 20 个小写字母、数字、连字符 (a key id of a-z, 0-9 and hyphens expected)")
    return f"{key_id}:{_encoded(secrets.token_bytes(_KEY_BYTES))}"


def seal(keys: Keys, text: str, *, about: str) -> str:
    """Return a text sealed with the current key.

    Args:
        about: which field of which row it is, such as `person:12:phone`; the same is needed to open it.
    """
    head = f"{VERSION}.{keys.suite}.{keys.current_id}"
    nonce = secrets.token_bytes(_NONCE_BYTES)
    key = keys.by_id[keys.current_id]
    closed = _SUITES[keys.suite].close(key, nonce, text.encode("utf-8"), _bound(head, about))
    return f"{head}.{_encoded(nonce + closed)}"


def open_sealed(keys: Keys, sealed: str, *, about: str) -> str:
    """Return the text of a sealed field.

    Raises:
        SealBroken: its key is not among these, it was changed, or it is about something else.
    """
    version, suite, key_id, content = _parts(sealed, about)
    key = keys.by_id.get(key_id)
    if key is None:
        raise SealBroken("缺少打开此字段的密钥", "the key of a sealed field is missing", key_id, about)
    nonce, closed = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
    try:
        opened = _SUITES[suite].open(key, nonce, closed, _bound(f"{version}.{suite}.{key_id}", about))
    except UnsupportedAlgorithm:
        raise SealBroken(f"本机的密码库不支持 {suite}", "suite not supported here", key_id, about) from None
    except InvalidTag:
        reason, reason_en = "密封字段打不开：被改动、被挪到别处或密钥不对", "changed, moved or sealed with another key"
        raise SealBroken(reason, reason_en, key_id, about) from None
    return opened.decode("utf-8")


def needs_new_seal(keys: Keys, sealed: str) -> bool:
    """Say whether a field is sealed by another key or suite than a new one would be.

    Raises:
        SealBroken: it is no sealed field.
    """
    version, suite, key_id, _ = _parts(sealed, "")
    return (version, suite, key_id) != (VERSION, keys.suite, keys.current_id)


def _parts(sealed: str, about: str) -> tuple[str, str, str, bytes]:
    found = _SEALED.fullmatch(sealed)
    content = _decoded(found[4]) if found else None
    if found is None or content is None or len(content) < _NONCE_BYTES + _TAG_BYTES:
        raise SealBroken("不是完整的密封字段", "not a whole sealed field", None, about)
    version, suite, key_id, _ = found.groups()
    if version != VERSION or suite not in _SUITES:
        raise SealBroken(f"不认识的密封方式 {version}.{suite}", "sealed in an unknown way", key_id, about)
    return version, suite, key_id, content


def _bound(head: str, about: str) -> bytes:
    # No head holds a line break, so two pairs never give one text.
    return f"{head}\n{about}".encode()


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _decoded(text: str) -> bytes | None:
    """Return what a base64 text stands for; None when it is none, or not the one way to write it."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    # The last character has bits to spare: another one there would be a change that nobody notices.
    return content if _encoded(content) == text else None


def _refused(message: str) -> Refused:
    return Refused.at(SETTING, message)


def _sm4_key(key: bytes) -> bytes:
    # SM4 has keys of 128 bits. Derived, so that one key never serves two ciphers.
    return HKDF(SHA256(), length=16, salt=None, info=b"registry field sm4gcm").derive(key)


def _close_aes(key: bytes, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, text, bound)


def _open_aes(key: bytes, nonce: bytes, closed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, closed, bound)


def _close_sm4(key: bytes, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    closing = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce)).encryptor()
    closing.authenticate_additional_data(bound)
    return closing.update(text) + closing.finalize() + closing.tag


def _open_sm4(key: bytes, nonce: bytes, closed: bytes, bound: bytes) -> bytes:
    text, tag = closed[:-_TAG_BYTES], closed[-_TAG_BYTES:]
    opening = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce, tag)).decryptor()
    opening.authenticate_additional_data(bound)
    return opening.update(text) + opening.finalize()


class _Suite(NamedTuple):
    """A way to seal: each function takes key, nonce, text and what is bound; the tag comes last."""

    close: Callable[[bytes, bytes, bytes, bytes], bytes]
    open: Callable[[bytes, bytes, bytes, bytes], bytes]


_SUITES: Mapping[str, _Suite] = {"aesgcm": _Suite(_close_aes, _open_aes), "sm4gcm": _Suite(_close_sm4, _open_sm4)}
