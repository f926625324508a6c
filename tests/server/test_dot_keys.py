"""ID tokens that django-oauth-toolkit signed can still be verified after the switch."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client as Browser
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

pytestmark = pytest.mark.django_db


def test_dots_rsa_key_stays_in_the_key_set_under_its_own_kid(settings):
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    settings.OAUTH2_PROVIDER = {"OIDC_RSA_PRIVATE_KEY": pem.decode()}
    oauth2_settings.reload()
    keys = Browser().get("/jwks").json()["keys"]
    del settings.OAUTH2_PROVIDER
    oauth2_settings.reload()
    assert jwk_from_pem(pem.decode()).thumbprint() in [key["kid"] for key in keys]
    assert len({key["kid"] for key in keys}) == len(keys) == 5
    assert not any({"d", "p", "q"} & set(key) for key in keys)
