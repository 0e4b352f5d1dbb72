"""What is kept under SECRET_KEY, so that a copy of the database does not hold it."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def box(purpose):
    """Encrypts and decrypts the secrets of one purpose; those of another do not open it. A key of
    SECRET_KEY_FALLBACKS still opens what was closed with it."""
    digests = (
        salted_hmac(f"newsroom.{purpose}", "", secret=secret, algorithm="sha256").digest()
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
