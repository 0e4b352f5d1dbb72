"""Requests that this house sends to addresses which others chose: to the public internet, and nowhere else.

A name is resolved once, every address it has must be public, and exactly one of those is connected to: what the name
resolves to a moment later, or where an answer would lead, is not followed. Nothing of an answer is read but its status.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SECONDS = 10  # for all of it: the name, the connection, the answer
MOST = 4096  # bytes that are read of an answer until its first line has ended
PORTS = {443, 8443}
NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")  # its end is no number
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r\n]")
#: what ipaddress calls global but what leads into other networks, or to an IPv4 address that is written inside
ODD = [
    ipaddress.ip_network(network) for network in (
        "192.88.99.0/24", "192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "3fff::/20",
    )
]  # fmt: skip
UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given out to the public


class Failed(Exception):
    """Nothing is known to have arrived; the message says why, in words that name no address."""


@dataclass(frozen=True)
class Target:
    """A URL, taken apart. `inside` is a loopback of a developer's own machine."""

    host: str
    port: int
    path: str
    secure: bool

    @property
    def inside(self):
        return self.host in LOOPBACK

    @property
    def named(self):
        """The host as the Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def target(url):
    """The Target of an address that may be sent to; ValidationError says what to change. Resolves nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValidationError(_("This is no address. Give one like https://partner.example/newsroom.")) from error
    host = parts.hostname or ""
    if not re.fullmatch(r"[\x21-\x7e]+", url) or "\\" in url or not host:
        raise ValidationError(_("Give an address like https://partner.example/newsroom, with plain letters only."))
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("Take the name and the password out of the address: every message is signed instead."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if settings.DEBUG and host in LOOPBACK:
        secure = parts.scheme == "https"
        return Target(host, port or (443 if secure else 80), path, secure)
    if parts.scheme != "https":
        raise ValidationError(_("The address must begin with https://."))
    if not NAME.fullmatch(host) or len(host) > 253:
        raise ValidationError(_("Give the host by its full public name, such as partner.example, not by a number."))
    port = 443 if port is None else port
    if port not in PORTS:
        raise ValidationError(_("Only the ports 443 and 8443 can be reached."))
    return Target(host, port, path, True)


def is_public(address):
    """Whether an address, as the resolver gives it, is one of the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False  # such as fe80::1%eth0: of one link only
    given_out = ip.version == 4 or ip in UNICAST  # leaves out what maps IPv4, sites, links, groups
    odd = any(ip.version == network.version and ip in network for network in ODD)
    return ip.is_global and given_out and not ip.is_multicast and not odd


def resolved(host, port):
    """The addresses of a host, as texts, in the order in which they should be tried."""
    return [found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def addresses(aim, deadline=None):
    """The addresses of a Target, all of them public. Failed when it has none, or one that is not; TimeoutError when
    they are not told in time."""
    try:
        found = in_time(lambda: resolved(aim.host, aim.port), deadline or time.monotonic() + SECONDS)
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        raise Failed(_("The host was not found. Check its name.")) from error
    allowed = (lambda ip: ipaddress.ip_address(ip).is_loopback) if aim.inside else is_public
    if not found or not all(map(allowed, found)):
        raise Failed(_("The host is not on the public internet: an address of it is private or reserved."))
    return found


def in_time(work, deadline):
    """What `work` returns or raises; TimeoutError when it takes too long. It then ends by itself: nothing can stop the
    resolver, and whoever has a name of their own decides how long it takes."""
    outcome = Future()

    def done():
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
            outcome.set_exception(error)

    threading.Thread(target=done, daemon=True).start()
    return outcome.result(left(deadline))


def check(url):
    """A validator of forms: an address that can be sent to now. It is looked at again each time something is sent."""
    try:
        addresses(target(url))
    except TimeoutError as error:
        raise ValidationError(_("The host was not found within %d seconds.") % SECONDS) from error
    except Failed as error:
        raise ValidationError(str(error)) from error


def post(url, body, headers):
    """The status that the host answers to these bytes. Failed when there is none within the ten seconds."""
    deadline = time.monotonic() + SECONDS
    try:
        aim = target(url)
    except ValidationError as error:
        raise Failed(error.messages[0]) from error
    try:
        where = addresses(aim, deadline)
        with connected(aim, where, deadline) as line:
            line.settimeout(left(deadline))
            line.sendall(request(aim, body, headers))
            return status_of(line, deadline)
    except TimeoutError as error:
        raise Failed(_("No answer within %d seconds.") % SECONDS) from error
    except ssl.SSLCertVerificationError as error:
        raise Failed(_("Its certificate is not valid for this host: %s.") % error.verify_message) from error
    except ssl.SSLError as error:
        raise Failed(_("No secure connection could be made (TLS).")) from error
    except OSError as error:
        raise Failed(_("No connection: %s.") % (error.strerror or type(error).__name__)) from error


def left(deadline):
    """The seconds that are left; TimeoutError when none are."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def connected(aim, where, deadline):
    """A connection to the first of these addresses that takes one; with TLS, to the host of this name."""
    for last, address in enumerate(where, 1 - len(where)):
        try:
            line = socket.create_connection((address, aim.port), left(deadline))
            break
        except OSError:
            if last == 0:
                raise
    if not aim.secure:
        return line
    try:
        line.settimeout(left(deadline))
        return ssl.create_default_context().wrap_socket(line, server_hostname=aim.host)
    except BaseException:
        line.close()
        raise


def request(aim, body, headers):
    lines = {
        "Host": aim.named, "User-Agent": f"Newsroom (+{settings.SITE_URL})", "Content-Length": len(body),
        "Connection": "close", **headers,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {aim.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def status_of(line, deadline):
    """The status in the first line of what comes, whatever follows it."""
    came = b""
    while b"\n" not in came and len(came) < MOST:
        line.settimeout(left(deadline))
        more = line.recv(MOST - len(came))
        if not more:
            break
        came += more
    found = STATUS.match(came)
    if not found:
        raise Failed(_("What came back was no answer of a web server."))
    return int(found[1])


def in_words(status):
    """A status as an editor reads it: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
