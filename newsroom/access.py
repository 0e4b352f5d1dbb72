"""Who is let into the editors' side: allauth's sign-in under our limits, the second factor, and when a session ends.

The pages are allauth's views under our templates (access_urls.py). `Gate` stands before every address of the admin;
what was typed when a session had ended is carried by typed.py.
"""

import json
import logging
import time
from urllib.parse import quote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import ResetPasswordForm
from allauth.core import context, ratelimit
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from newsroom import typed
from newsroom.box import box

log = logging.getLogger(__name__)
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
#: a session that is used is renewed at most this often, in seconds: its idle time is exact to that
RENEWED_EVERY = 60


class Accounts(DefaultAccountAdapter):
    """allauth's accounts without sign-up. Nothing here believes the Host header or an untrusted X-Forwarded-For."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("This name and this password are not correct together."),
        "too_many_login_attempts": _("Too many failed tries. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_client_ip(self, request):
        """The address that our own proxies saw (TRUSTED_PROXIES of them); of a request that came past them, its own."""
        try:
            return get_client_ip(request) or "unknown"
        except ImproperlyConfigured:
            return request.META.get("REMOTE_ADDR") or "unknown"

    def _get_login_attempts_cache_key(self, request, **credentials):
        """allauth counts wrong passwords by account *and* Host: another port in that header was another five tries."""
        return f"account:{credentials.get('username', '').lower()}"

    def login(self, request, user):
        super().login(request, user)
        request.session["signed_in"] = request.session["seen"] = int(time.time())

    def is_reauthentication_required(self, *, app, **kwargs):
        """Who signed in a moment ago is not asked for the same password again."""
        age = time.time() - context.request.session.get("signed_in", 0)
        return age > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT and super().is_reauthentication_required(app=app)

    def set_password(self, user, password):
        """Who proved by e-mail that an account is theirs is not kept out by the wrong passwords of others."""
        super().set_password(user, password)
        if not context.request.user.is_authenticated:
            key = self._get_login_attempts_cache_key(context.request, username=user.get_username())
            ratelimit.clear(context.request, action="login_failed", key=key)

    def get_password_change_redirect_url(self, request):
        return reverse("mfa_index")

    def get_reset_password_from_key_url(self, key):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", quote(key))

    def send_mail(self, template_prefix, email, context):
        institution = {"institution": settings.INSTITUTION, "site_url": settings.SITE_URL, "email": email}
        self.render_mail(template_prefix, email, institution | context).send()


class ResetForm(ResetPasswordForm):
    """Somebody gets a letter either way, so that neither the answer nor its time tells whether there is an account."""

    def save(self, request, **kwargs):
        if self.users:
            return super().save(request, **kwargs)
        Accounts(request).send_mail("account/email/unknown_account", self.cleaned_data["email"], {})
        return self.cleaned_data["email"]


class SecondFactors(DefaultMFAAdapter):
    """allauth's second factors, their secrets sealed with SECRET_KEY: a copy of the database does not hold them."""

    def encrypt(self, text):
        return box("second_factor").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        try:
            return box("second_factor").decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error(
                "A second factor cannot be read: SECRET_KEY has changed. Add the old one to SECRET_KEY_FALLBACKS."
            )
            raise self.validation_error("incorrect_code") from None

    def get_public_key_credential_rp_entity(self):
        return {"id": urlsplit(settings.SITE_URL).hostname, "name": settings.INSTITUTION["name"]}


# Pages of allauth that need a little more


class WithOptions:
    """What the security key is asked, as text for an attribute: our policy knows no inline script."""

    def get_context_data(self, **kwargs):
        found = super().get_context_data(**kwargs)
        options = next(iter(found.get("js_data", {}).values()), {})
        return found | {"options": json.dumps(options, cls=DjangoJSONEncoder)}


class SettingUp:
    """Whoever sets a second factor up has shown it in this session."""

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session["shown"] = True
        return response


class Authenticate(WithOptions, AuthenticateView):
    pass


class ActivateTOTP(SettingUp, ActivateTOTPView):
    pass


class AddWebAuthn(WithOptions, SettingUp, AddWebAuthnView):
    pass


class ReauthenticateWebAuthn(WithOptions, ReauthenticateWebAuthnView):
    pass


# The gate


class Gate:
    """Before every address of the admin: an ended session loses nothing that was typed, and whoever can publish shows a
    second factor first. A request to a page outside the admin is not looked at, nor its session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not typed.on_account_pages(request.path):
            return self.get_response(request)
        carried = request.method == "POST" and request.POST.get(typed.FIELD, "")
        request.typed = typed.unpacked(carried)
        response = self.get_response(request)
        if request.typed and response.status_code == 302:
            response = typed.carried_on(request, response.url)
        add_never_cache_headers(response)
        return response

    def process_view(self, request, view, args, kwargs):
        if not typed.under_admin(request.path) or typed.on_account_pages(request.path):
            return None
        if not request.user.is_authenticated:
            if SESSION_KEY in request.session:  # of somebody whose password changed, or who may not come in any more
                request.session.flush()
            is_form = request.method == "POST" and request.path not in (reverse("admin:logout"), reverse("admin:login"))
            by_itself = getattr(view, "keeps_what_is_sent", False)
            return typed.ask_to_sign_in(request) if is_form and not by_itself else None
        renew(request)
        where = None if request.resolver_match.view_name in OPEN else missing_factor(request)
        if where:
            return self.lead_to(where, request)
        if request.method == "POST" and typed.FIELD in request.POST:
            return typed.put_back(request)
        return None

    def lead_to(self, where, request):
        if typed.is_navigation(request):
            messages.warning(request, SET_UP if where == reverse("mfa_index") else SHOW)
        query = QueryDict(mutable=True)
        query["next"] = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        where = f"{where}?{query.urlencode(safe='/')}"
        if request.method != "POST":
            return HttpResponseRedirect(where)
        request.typed = typed.packed(request)
        return typed.shown(request, where)


#: what leads nowhere else, open to whoever has still to show a second factor
OPEN = ("admin:logout", "admin:jsi18n", "admin:password_change", "admin:password_change_done")
SET_UP = _("You can publish, so a second factor is needed to sign in as you. Set one up first: it takes two minutes.")
SHOW = _("You can publish: show your second factor once in this session.")


def renew(request):
    """The twelve hours count from the last page somebody opened or sent; what a page fetches by itself does not count.
    Only sessions that began at the sign-in page are renewed."""
    now = int(time.time())
    by_hand = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if by_hand and now - request.session.get("seen", now) > RENEWED_EVERY:
        request.session["seen"] = now


def must_have_factor(user):
    return settings.REQUIRE_SECOND_FACTOR and (user.is_superuser or user.has_perm("articles.publish_edition"))


def missing_factor(request):
    """Where somebody must go before anything else: to set a second factor up, to show it; None when all is well."""
    if not must_have_factor(request.user):
        return None
    types = set(Authenticator.objects.filter(user=request.user, type__in=FACTORS).values_list("type", flat=True))
    if not types:
        return reverse("mfa_index")
    records = get_authentication_records(request, request.user)
    if request.session.get("shown") or any(record["method"] == "mfa" for record in records):
        return None
    return reverse("mfa_reauthenticate" if Authenticator.Type.TOTP in types else "mfa_reauthenticate_webauthn")


# Verbs of whoever looks after accounts


def end_sessions(user):
    """Sign somebody out everywhere. (Django's sessions do not know whose they are, so all that are open are read.)"""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def forget_second_factor(user):
    """Of somebody who lost it, recovery codes and all: every factor is removed, every session ends. The next sign-in
    needs the password alone, and leads whoever can publish to set up a new one."""
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
