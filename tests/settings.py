"""The site's own settings with what only a test run needs: no secret to give, quick password hashes, files that vanish."""

import os
import tempfile

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("TIME_ZONE", "Europe/Zurich")

from newsroom.settings import *  # noqa: E402, F403 (the environment comes first)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = tempfile.mkdtemp(prefix="newsroom-test-media-")
