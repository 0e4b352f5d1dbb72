"""What was typed when a session had ended: it travels in hidden fields of the pages, from the form that was sent to the
sign-in page and back into the form, which shows it unsaved. It is never stored on the server."""

import json

from django.contrib import messages
from django.http import JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as refused_by_django

from people.admin import RecordAdmin

FIELD = "_typed"
#: no fields of anybody's writing
MACHINERY = ("csrfmiddlewaretoken", FIELD, "next")


class Typed:
    """The fields of a form as [name, value] pairs, and the names of the files that were chosen with it."""

    def __init__(self, fields, files):
        self.fields, self.files = fields, files

    def __bool__(self):
        return bool(self.fields or self.files)

    def __str__(self):
        return json.dumps({"fields": self.fields, "files": self.files}, ensure_ascii=False)

    @property
    def words(self):
        """What somebody may want to copy: without ticks, numbers of rows, and the names of buttons."""
        return [(name, value) for name, value in self.fields if len(value.strip()) > 2 and name[0] != "_"]


def packed(request):
    """What was typed into the form of this request. Passwords are typed again."""
    fields = [
        [name, value]
        for name, values in request.POST.lists() if name not in MACHINERY and "password" not in name
        for value in values
    ]  # fmt: skip
    return Typed(fields, [file.name for files in request.FILES.lists() for file in files[1]])


def unpacked(text):
    """A `Typed` from a hidden field; an empty one from anything else."""
    try:
        found = json.loads(text or "{}")
        fields = [[str(name), str(value)] for name, value in found.get("fields", [])]
        return Typed(fields, [str(name) for name in found.get("files", [])])
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Typed([], [])


def under_admin(path):
    return path.startswith(reverse("admin:index"))


def on_account_pages(path):
    return path.startswith(reverse("mfa_index").removesuffix("second-factor/"))


# Out of the form, across the sign-in


def ask_to_sign_in(request):
    """The sign-in page with what was typed in it. A script that saves by itself is told in its own language."""
    if not is_navigation(request):
        return JsonResponse({"detail": _("Your session has ended. Sign in again.")}, status=401)
    request.typed = packed(request)
    return page_of("account_login", request, request.get_full_path())


def is_navigation(request):
    return (
        request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and request.headers.get("X-Requested-With") != "XMLHttpRequest"
        and not request.headers.get("Accept", "").startswith("application/json")
    )


def page_of(name, request, following=""):
    """A page of the sign-in as if it had just been opened, with `request.typed` in its form."""
    address = QueryDict(mutable=True)
    if following:
        address["next"] = following
    request.method, request.GET, request.POST = "GET", address, QueryDict()
    response = resolve(reverse(name)).func(request)
    half_way = response.status_code == 302 and response.url == reverse("mfa_authenticate") and name == "account_login"
    return page_of("mfa_authenticate", request) if half_way else response


def carried_on(request, url):
    """Instead of a redirect, which would drop what was typed: the next page of the sign-in, or the way back."""
    following = request.POST.get("next", "") or request.GET.get("next", "")
    for name in ("account_login", "mfa_authenticate"):
        if url.partition("?")[0] == reverse(name):
            response = page_of(name, request, following)
            break
    else:
        response = give_back(request, url) if request.user.is_authenticated else shown(request, url)
    return response.render() if hasattr(response, "render") else response


# Back into the form


def shows_unsaved(match):
    """Whether the form of this address can be shown filled without being saved: those of records can (RecordAdmin)."""
    is_form = (match.url_name or "").endswith(("_add", "_change"))
    return is_form and isinstance(getattr(match.func, "model_admin", None), RecordAdmin)


def give_back(request, url):
    """A page that sends what was typed back to its form; where that has none to show it in, a page to copy it from."""
    try:
        match = resolve(url.partition("?")[0])
    except Resolver404:
        return shown(request, url)
    if not shows_unsaved(match):
        return shown(request, url)
    return TemplateResponse(request, "account/give_back.html", {"title": _("You are signed in again"), "url": url})


def shown(request, url):
    return TemplateResponse(request, "account/typed.html", {"title": _("What you typed"), "url": url})


def put_back(request):
    """Fill the form of this address with what comes back; nothing is saved by it. Where no form can show it, a page
    does, and nothing else happens."""
    request.typed = unpacked(request.POST[FIELD])
    if not shows_unsaved(request.resolver_match):
        return shown(request, request.get_full_path())
    fields = QueryDict(mutable=True)
    for name, value in request.typed.fields:
        fields.appendlist(name, value)
    request.POST, request.unsaved = fields, True
    messages.warning(request, _("Your session had ended. This is what you typed, and it is not saved yet."))
    if request.typed.files:
        files = ", ".join(request.typed.files)
        messages.warning(request, _("Files have to be chosen again: %(files)s.") % {"files": files})
    return None


# Signed in again in another window


def csrf_failure(request, reason=""):
    """A form of ours that was open while somebody signed in elsewhere carries an outdated token. The browser vouches
    that the form is ours: then what was typed is given back, unsaved. Everything else is refused as ever."""
    ours = request.method == "POST" and is_navigation(request) and is_same_origin(request)
    if not (ours and under_admin(request.path)):
        return refused_by_django(request, reason=reason)
    if not on_account_pages(request.path):
        request.typed, url = packed(request), request.get_full_path()
    elif request.typed:
        url = request.POST.get("next", "")
        url = url if under_admin(url) else reverse("admin:index")
    else:
        return refused_by_django(request, reason=reason)
    if request.user.is_authenticated:
        return give_back(request, url)
    return page_of("account_login", request, url)


def is_same_origin(request):
    origin = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or request.headers.get("Origin") == origin
