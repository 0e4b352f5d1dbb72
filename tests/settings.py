"""The site's own settings with what only a test run needs: no secret to give, quick hashes, files that vanish."""

import os
import tempfile

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("TIME_ZONE", "Europe/Zurich")

from newsroom.settings import *  # noqa: E402, F403 (the environment comes first)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
API_LIMITS = {"anonymous": 0, "keyed": 0}  # where limits are tested they are set
MEDIA_ROOT = tempfile.mkdtemp(prefix="newsroom-test-media-")

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, not memory: threads and second connections then meet the locks that production has.
    # Nothing reaches the newsroom's own file: a run of tests none of which asks for a database is given none.
    room = tempfile.mkdtemp(prefix="newsroom-test-")
    DATABASES["default"]["NAME"] = os.path.join(room, "none.sqlite3")  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(room, "test.sqlite3")}  # noqa: F405
    # Nothing here outlives a power cut: waiting for the disk at every commit was half of the tests' time.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405
else:
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # noqa: F405
