"""The pages of signing in, under /admin/account/. Only what this newsroom uses of allauth: nobody signs up here."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.conf import settings
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _

from newsroom import access

SENDS_LETTERS = not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def page(view, title, **context):
    return view.as_view(extra_context={"title": title} | context)


second_factor = [
    path("", page(mfa.IndexView, _("Your account")), name="mfa_index"),
    path("show/", page(access.Authenticate, _("Your second factor")), name="mfa_authenticate"),
    path("again/", page(mfa.ReauthenticateView, _("Your second factor")), name="mfa_reauthenticate"),
    path("app/", page(access.ActivateTOTP, _("Set up an authenticator app")), name="mfa_activate_totp"),
    path("app/remove/", page(totp.DeactivateTOTPView, _("Remove the authenticator app")), name="mfa_deactivate_totp"),
    path("codes/", page(codes.ViewRecoveryCodesView, _("Recovery codes")), name="mfa_view_recovery_codes"),
    path("codes/new/", page(codes.GenerateRecoveryCodesView, _("New codes")), name="mfa_generate_recovery_codes"),
    path("codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("keys/", page(keys.ListWebAuthnView, _("Security keys")), name="mfa_list_webauthn"),
    path("keys/add/", page(access.AddWebAuthn, _("Add a security key")), name="mfa_add_webauthn"),
    path(
        "keys/again/", page(access.ReauthenticateWebAuthn, _("Your security key")), name="mfa_reauthenticate_webauthn"
    ),
    path("keys/<int:pk>/", page(keys.EditWebAuthnView, _("Name the security key")), name="mfa_edit_webauthn"),
    path("keys/<int:pk>/remove/", page(keys.RemoveWebAuthnView, _("Remove the key")), name="mfa_remove_webauthn"),
]
reset = [
    path(
        "", page(account.PasswordResetView, _("A new password"), sends_letters=SENDS_LETTERS),
        name="account_reset_password",
    ),
    path("sent/", page(account.PasswordResetDoneView, _("Look into your mail")), name="account_reset_password_done"),
    path(
        "done/", page(account.PasswordResetFromKeyDoneView, _("Your password is changed")),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        "^(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        page(account.PasswordResetFromKeyView, _("Choose a new password")), name="account_reset_password_from_key",
    ),
]  # fmt: skip
urlpatterns = [
    path("sign-in/", page(account.LoginView, _("Sign in")), name="account_login"),
    path("inactive/", page(account.AccountInactiveView, _("This account is closed")), name="account_inactive"),
    path("confirm/", page(account.ReauthenticateView, _("Confirm that it is you")), name="account_reauthenticate"),
    path("password/", page(account.PasswordChangeView, _("Change your password")), name="account_change_password"),
    path("password/set/", page(account.PasswordSetView, _("Set a password")), name="account_set_password"),
    path("reset/", include(reset)),
    path("second-factor/", include(second_factor)),
]
