"""Who asks the read API, and how often: keys in the Authorization header, requests counted in the cache "limits".

The settings hand both to Django REST framework, which reads them while it builds its own views: this imports none.
"""

import logging
import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import caches
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.throttling import BaseThrottle

from newsroom.partners import Key

log = logging.getLogger(__name__)
WINDOW = 60  # seconds in which a quota may be spent
PAUSE = 5  # seconds without counting, once the cache has failed


class InvalidKey(APIException):
    """401. The message says what to do."""

    status_code, default_code = 401, "invalid_key"


class TooManyRequests(APIException):
    status_code, default_code = 429, "too_many_requests"


# Who


class Bearer(BaseAuthentication):
    """`Authorization: Bearer nr_…` makes `request.auth` a Key, with its partner. Without the header one reads as
    anybody does; with anything else in it the answer is 401, so that nobody takes the public's limit for their own."""

    def authenticate(self, request):
        given = request.headers.get("Authorization")
        if given is None:
            return None
        now = timezone.now()
        try:
            key = known(given, now)
        except InvalidKey:
            count(request._request)  # as anybody's: trying keys is not free
            raise
        key.note_use(now)
        return None, key

    def authenticate_header(self, request):
        return "Bearer"


def known(given, at):
    """The key in an Authorization header, good at `at`. One statement; raises InvalidKey."""
    scheme, _space, token = given.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not Key.TOKEN.fullmatch(token):
        raise InvalidKey("This is no key of ours. Send “Authorization: Bearer nr_…” with the key as you were given it.")
    key = Key.objects.select_related("partner").filter(digest=Key.digest_of(token)).first()
    if key is None:
        raise InvalidKey("This key is not known here. Look whether all of it was copied, or leave the header out.")
    if not key.is_good(at):
        why = "has ended" if key.revoked_at is None else "has been revoked"
        raise InvalidKey(f"This key {why}. Ask the newsroom for a new one, or leave the header out.")
    return key


# How often


class Limit(BaseThrottle):
    """Counts each request once, by its key or else by the address it comes from, and refuses what is too much."""

    def allow_request(self, request, view):
        count(request._request, request.auth)
        return True


def count(request, key=None):
    """Count a request once; raises TooManyRequests, with the seconds to wait."""
    tally = tally_of(request, key)
    if tally and tally.is_over:
        told = f"Wait {tally.reset} seconds: there may be {tally.quota} requests a minute"
        told += " with this key." if key else " from one address. With a key there may be more."
        raise TooManyRequests(told)


@dataclass(frozen=True)
class Tally:
    """How a caller stands: `spent` of `quota` in the window that ends in `reset` seconds, this request included;
    `spent` is None while nothing can be counted."""

    policy: str
    quota: int
    spent: int | None
    reset: int

    @property
    def is_over(self):
        return self.spent is not None and self.spent > self.quota

    @property
    def headers(self):
        """As the IETF's draft "RateLimit header fields for HTTP" has them in its tenth edition."""
        told = {"RateLimit-Policy": f'"{self.policy}";q={self.quota};w={WINDOW}'}
        if self.spent is not None:
            told["RateLimit"] = f'"{self.policy}";r={max(self.quota - self.spent, 0)};t={self.reset}'
        return told


def tally_of(request, key=None):
    """The Tally of a request, which is counted when this is first asked; None where there is no limit."""
    if not hasattr(request, "tally"):
        policy, who = ("keyed", key.pk) if key else ("anonymous", origin(request))
        window, passed = divmod(int(timezone.now().timestamp()), WINDOW)
        quota = settings.API_LIMITS[policy]
        spent = counter.counted(f"{policy}:{who}:{window}") if quota else None
        request.tally = Tally(policy, quota, spent, WINDOW - passed) if quota else None
    return request.tally


def origin(request):
    """The address a request came from, as sign-ins are counted by it; of IPv6 the network, which one line is given."""
    told = get_adapter(request).get_client_ip(request)
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if address.version == 4:
        return told
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))


class Counter:
    """Counts in the cache "limits". A cache that is away or slow costs one request a moment, never an answer: for PAUSE
    seconds nothing is counted, nobody is refused, and the log says so once."""

    def __init__(self):
        self.away_until, self.is_away = 0, False

    def counted(self, name):
        """How often `name` has been counted by now, in one window; None while that is not known."""
        if time.monotonic() < self.away_until:
            return None
        cache = caches["limits"]
        try:
            try:
                number = cache.incr(name)
            except ValueError:  # not there yet; of two who find that at once, one adds and both are counted
                cache.add(name, 0, 2 * WINDOW)
                number = cache.incr(name)
        except Exception as error:  # noqa: BLE001 (every kind of cache has errors of its own)
            if not self.is_away:
                log.warning("Requests of the API are not limited: the cache does not answer (%s).", error)
            self.away_until, self.is_away = time.monotonic() + PAUSE, True
            return None
        self.is_away = False
        return number


counter = Counter()
