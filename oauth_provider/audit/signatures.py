"""Who sealed: an HMAC over the root, under AUDIT_KEY or a key from SECRET_KEY."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum

from oauth_provider.conf import conf
from oauth_provider.credentials import derived_keys

_DOMAIN = b"oauth_provider/audit/root/1\x00"


class Signer(StrEnum):
    """Which setting the key of a signature comes from."""

    AUDIT_KEY = "AUDIT_KEY"
    SECRET_KEY = "SECRET_KEY"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of this site, read once for a walk over many seals; the one that signs stands first."""

    ring: tuple[tuple[Signer, bytes], ...]

    @property
    def own(self) -> bool:
        """Whether AUDIT_KEY signs: from the first seal it signed no other key may."""
        return self.ring[0][0] == Signer.AUDIT_KEY

    @classmethod
    def present(cls) -> Keys:
        """AUDIT_KEY and its fallbacks where there are any, then what SECRET_KEY and its fallbacks give."""
        given = [(Signer.AUDIT_KEY, key.encode()) for key in (conf.AUDIT_KEY, *conf.AUDIT_KEY_FALLBACKS) if key]
        derived = [(Signer.SECRET_KEY, key) for key in derived_keys("audit")]
        return cls((*given, *derived) if conf.AUDIT_KEY else (*derived, *given))

    def sign(self, root: str) -> str:
        """The signature of a root, as 64 hex digits."""
        return _mac(self.ring[0][1], root)

    def signer_of(self, root: str, signature: str) -> Signer | None:
        """Whose key made the signature, or None when no key of this site did."""
        given = signature.encode("utf-8", "surrogatepass")
        return next(
            (signer for signer, key in self.ring if hmac.compare_digest(_mac(key, root).encode(), given)),
            None,
        )


def _mac(key: bytes, root: str) -> str:
    return hmac.digest(key, _DOMAIN + root.encode("utf-8", "surrogatepass"), "sha256").hex()
