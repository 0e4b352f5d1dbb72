"""Who is let in: signing in and being kept out, the second factor, sessions that end, and that an ended one loses
nothing that was typed."""

import json
import re
import subprocess
import sys
import threading
import time
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings as site
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from articles.models import Edition
from newsroom import access, typed
from newsroom.access import Accounts, SecondFactors, end_sessions
from people.models import Person
from tests.test_admin import Form, admin_patterns, again

PASSWORD = "a long word of the test"  # noqa: S105
SIGN_IN = "/admin/account/sign-in/"


class Guest:
    """Somebody at the door with a name and a password, in a browser of their own."""

    def __init__(self, user, password=PASSWORD, **headers):
        User.objects.filter(pk=user.pk).update(is_staff=True)
        self.user = User.objects.get(pk=user.pk)
        self.user.set_password(password)
        self.user.save()
        self.client = Client(**headers)

    def sign_in(self, password=PASSWORD, following="", **more):
        data = {"login": self.user.username, "password": password, "next": following} | more
        return self.client.post(SIGN_IN, data)

    def is_in(self):
        return self.client.get(reverse("admin:index")).status_code == 200


@pytest.fixture
def writer(world):
    return Guest(world.writer)


@pytest.fixture
def publisher(world):
    return Guest(world.publisher)


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def noon(monkeypatch):
    """A clock of the second factors: `noon.at` is the time they see, in seconds."""
    clock = SimpleNamespace(at=time.time())
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: clock.at)
    return clock


def code(secret, at=None):
    return format_hotp_value(hotp_value(secret, int((at or time.time()) // 30)))


def with_app(user):
    """Give somebody an authenticator app and recovery codes; what the app's secret is."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def words(response):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode())))


# Signing in


def test_who_knows_the_password_comes_to_the_page_they_asked_for(writer):
    wanted = reverse("admin:people_person_changelist")
    page = writer.client.get(wanted, follow=True)
    assert unquote(page.redirect_chain[-1][0]) == f"{SIGN_IN}?next={wanted}"
    answer = writer.client.post(SIGN_IN, Form(page).data | {"login": "writer", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, wanted) and writer.is_in()


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(writer):
    wrong = writer.sign_in("wrong")
    unknown = writer.client.post(SIGN_IN, {"login": "nobody", "password": "wrong"})
    same = [re.sub(r'value="[^"]*"|(?<=name=")csrf[^>]*', "", page.content.decode()) for page in (wrong, unknown)]
    assert same[0] == same[1] and "not correct" in words(wrong) and not writer.is_in()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(writer, elsewhere):
    assert writer.sign_in(following=elsewhere).url == reverse("admin:index")


def test_nobody_signs_up_and_no_address_of_allauth_is_left_open(client, db):
    resolver = get_resolver()
    for name in ("account_signup", "account_email", "account_request_login_code", "account_logout"):
        assert name not in resolver.reverse_dict
    for path in ("signup/", "email/", "login/"):
        assert client.get(f"/admin/account/{path}").status_code in (302, 404)


def test_who_is_no_editor_gets_no_further_than_their_account(world):
    reader = Guest(User.objects.create_user("reader"))
    User.objects.filter(pk=reader.user.pk).update(is_staff=False)
    reader.sign_in()
    assert reader.client.get(reverse("admin:index"), follow=True).status_code == 403
    assert reader.client.get(reverse("mfa_index")).status_code == 200


def test_a_closed_account_is_not_let_in(writer):
    User.objects.filter(pk=writer.user.pk).update(is_active=False)
    answer = writer.client.post(SIGN_IN, {"login": "writer", "password": PASSWORD}, follow=True)
    assert "Nobody can sign in with it any more" in words(answer) and not writer.is_in()


# Kept out


def test_five_wrong_passwords_lock_the_account_and_the_right_one_too(writer, world):
    for _ in range(5):
        assert "not correct" in words(writer.sign_in("wrong"))
    assert "Too many failed" in words(writer.sign_in()) and not writer.is_in()
    colleague = Guest(world.editor)
    colleague.sign_in()
    assert colleague.is_in()  # the lock is on one account


def test_a_lock_ends_by_itself(writer, monkeypatch):
    for _ in range(5):
        writer.sign_in("wrong")
    later = time.time() + 301
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: later)
    writer.sign_in()
    assert writer.is_in()


def test_signing_in_rightly_costs_no_try(writer):
    for _ in range(8):
        assert Client().post(SIGN_IN, {"login": "writer", "password": PASSWORD}).status_code == 302


def test_a_lock_is_not_opened_by_another_spelling_of_name_or_host(writer, settings):
    settings.ALLOWED_HOSTS = ["testserver", "newsroom.example"]
    spellings = ["writer", " writer ", "WRITER", "Writer"]
    for number in range(5):
        host = f"newsroom.example:{8000 + number}"
        data = {"login": spellings[number % 4], "password": "wrong"}
        assert "not correct" in words(Client().post(SIGN_IN, data, headers={"Host": host}))
    assert "Too many failed" in words(writer.sign_in())


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_forwarded_for_neither_evades_the_limit_nor_locks_others_out(writer, settings, proxies):
    """With no proxy the header is not read; with one, only what the proxy itself added at its end."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    victim, attacker = "192.0.2.7", "198.51.100.9"
    own = {"REMOTE_ADDR": "127.0.0.1" if proxies else attacker}
    for number in range(10):
        forged = f"{victim}, 10.0.0.{number}" + (f", {attacker}" if proxies else "")
        data = {"login": f"name {number}", "password": "wrong"}
        page = Client(**own).post(SIGN_IN, data, headers={"X-Forwarded-For": forged})
        assert "not correct" in words(page)
    caught = {"X-Forwarded-For": f"{victim}, 10.0.0.99" + (f", {attacker}" if proxies else "")}
    page = Client(**own).post(SIGN_IN, {"login": "another", "password": "wrong"}, headers=caught)
    assert "Too many failed" in words(page)
    data = {"login": "writer", "password": PASSWORD}
    theirs = Client(REMOTE_ADDR="127.0.0.1" if proxies else victim)
    honest = {"X-Forwarded-For": victim} if proxies else {}
    assert theirs.post(SIGN_IN, data, headers=honest).status_code == 302


def test_a_request_that_came_past_the_proxies_is_counted_by_its_own_address(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    request = rf.get("/", REMOTE_ADDR="198.51.100.9", headers={"X-Forwarded-For": "192.0.2.7"})
    assert Accounts(request).get_client_ip(request) == "198.51.100.9"
    assert Accounts(request).get_client_ip(rf.get("/", REMOTE_ADDR="")) == "unknown"


def test_a_hundred_wrong_passwords_at_once_get_no_further_than_the_limit(open_world, settings):
    """The limit of an account is five; at most one more for each of the workers that try at once."""
    workers, tried, lock = 8, [], threading.Lock()
    Guest(open_world.writer)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def work():
        for _ in range(100 // workers + 1):
            address = f"192.0.2.{len(tried) % 250}"  # from many places: only the account's own limit is left
            page = Client(REMOTE_ADDR=address).post(SIGN_IN, {"login": "writer", "password": "wrong"})
            with lock:
                tried.append("not correct" in words(page))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(tried) >= 100 and 1 <= sum(tried) <= 5 + workers


def test_attempts_are_counted_where_all_workers_look(db):
    assert site.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    cache.set("seen by all", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM newsroom_cache")
        assert cursor.fetchone()[0] == 1


def test_the_old_password_cannot_be_guessed_from_an_open_session(writer):
    writer.sign_in()
    data = {"oldpassword": "wrong", "password1": "another long word", "password2": "another long word"}
    answers = [writer.client.post(reverse("account_change_password"), data) for _ in range(6)]
    assert answers[-1].status_code == 429 and "Too many tries" in words(answers[-1])


# A forgotten password


def ask_for_letter(email, host="testserver"):
    return Client().post(reverse("account_reset_password"), {"email": email}, headers={"Host": host})


def test_nobody_learns_from_the_page_whether_an_account_exists(writer):
    known, unknown = ask_for_letter("writer@newsroom.example"), ask_for_letter("nobody@newsroom.example")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [letter.to for letter in mail.outbox] == [["writer@newsroom.example"], ["nobody@newsroom.example"]]
    assert "There is no account" in mail.outbox[1].body and "reset/" in mail.outbox[0].body


def test_links_in_letters_lead_to_our_site_whatever_the_host_header_says(writer, settings):
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["*"], "https://newsroom.example"
    ask_for_letter("writer@newsroom.example", host="evil.example")
    ask_for_letter("nobody@newsroom.example", host="evil.example")
    for letter in mail.outbox:
        assert "evil" not in letter.body + letter.subject
        assert re.search(r"^https://newsroom\.example/admin/account/reset/", letter.body, re.M)


def test_a_new_password_by_letter_ends_sessions_opens_a_lock_and_works_once(writer):
    writer.sign_in()
    assert writer.is_in()
    for _ in range(5):
        Client().post(SIGN_IN, {"login": "writer", "password": "wrong"})
    ask_for_letter("writer@newsroom.example")
    link = re.search(r"^https?://[^/]+(/\S+)", mail.outbox[0].body, re.M)[1]
    door = Client()
    page = door.get(link, follow=True)
    assert page["Referrer-Policy"] and link not in page.redirect_chain[-1][0]
    new = "quite another long word"
    done = door.post(page.redirect_chain[-1][0], {"password1": new, "password2": new}, follow=True)
    assert "All your sessions have ended" in words(done) and not writer.is_in()
    assert "used already" in words(Client().get(link, follow=True))
    writer.sign_in(new)
    assert writer.is_in()


def test_letters_to_one_address_are_few(writer):
    answers = [ask_for_letter("writer@newsroom.example").status_code for _ in range(5)]
    assert answers == [302, 302, 302, 429, 429] and len(mail.outbox) == 3


# The second factor


def test_whoever_can_publish_is_led_to_a_second_factor_at_every_address_of_the_admin(world, publisher, required):
    publisher.sign_in()
    root = Guest(User.objects.create_superuser("root"))
    root.sign_in()
    open_ = {name.removeprefix("admin:") for name in access.OPEN}
    assert open_ == {"logout", "jsi18n", "password_change", "password_change_done"}
    arguments = {
        "app_list": ["articles"], "view_on_site": [1, 1], "articles_edition_verb": [1, "publish"],
        "articles_image_file": [1, "square"], "articles_edition_restore": [1, "e1"], "confirm": ["person", 1],
    }  # fmt: skip
    for guest in (publisher, root):
        for name in set(admin_patterns()) - open_:
            try:
                address = reverse(f"admin:{name}", args=arguments.get(name, []))
            except Exception:  # noqa: BLE001 (it wants the number of a row)
                address = reverse(f"admin:{name}", args=[1])
            for answer in (guest.client.get(address), guest.client.get(f"{address}?x=1")):
                assert answer.status_code == 302 and answer.url.startswith(reverse("mfa_index")), name
        unknown = guest.client.get("/admin/no/such/page/")
        assert unknown.url.startswith(reverse("mfa_index"))


def test_nothing_is_done_without_the_second_factor_and_what_was_typed_is_shown(world, publisher, required):
    publisher.sign_in()
    edition = world.ready()
    verb = reverse("admin:articles_edition_verb", args=[edition.pk, "publish"])
    answer = publisher.client.post(verb, {"opened": edition.version, "note": "A word to keep"})
    assert "A word to keep" in words(answer) and again(edition).live_from is None


def test_the_way_out_stays_open_without_it(publisher, required):
    publisher.sign_in()
    assert publisher.client.get(reverse("account_change_password")).status_code == 200
    assert publisher.client.get(reverse("admin:password_change")).status_code == 302
    assert "password" in publisher.client.get(reverse("admin:password_change"), follow=True).request["PATH_INFO"]
    publisher.client.post(reverse("admin:logout"))
    assert "_auth_user_id" not in publisher.client.session


def test_a_writer_needs_none(writer, required):
    writer.sign_in()
    assert writer.is_in()


def test_an_app_is_set_up_and_the_way_goes_on(publisher, required, noon):
    publisher.sign_in()
    page = publisher.client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200  # who signed in a moment ago is not asked for the password again
    secret = re.search(r'class="secret">(\w+)<', page.content.decode())[1]
    wrong = publisher.client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Incorrect code" in words(wrong) and not publisher.is_in()
    done = publisher.client.post(reverse("mfa_activate_totp"), {"code": code(secret, noon.at)}, follow=True)
    assert "Keep these where your phone is not" in words(done)
    assert publisher.is_in()  # the app was shown a moment ago


def test_with_an_app_the_password_alone_opens_nothing(publisher, required, noon):
    secret = with_app(publisher.user)
    answer = publisher.sign_in()
    assert answer.url == reverse("mfa_authenticate") and not publisher.is_in()
    assert "Incorrect code" in words(publisher.client.post(answer.url, {"code": "000000"}))
    publisher.client.post(answer.url, {"code": code(secret, noon.at)})
    assert publisher.is_in()


def test_a_code_opens_once(publisher, noon):
    secret = with_app(publisher.user)
    publisher.sign_in()
    publisher.client.post(reverse("mfa_authenticate"), {"code": code(secret, noon.at)})
    assert publisher.is_in()
    thief = Client()
    thief.post(SIGN_IN, {"login": "publisher", "password": PASSWORD})
    thief.post(reverse("mfa_authenticate"), {"code": code(secret, noon.at)})
    assert thief.get(reverse("admin:index")).status_code == 302


def test_codes_cannot_be_guessed(publisher, noon):
    secret = with_app(publisher.user)
    publisher.sign_in()
    for number in range(5):
        publisher.client.post(reverse("mfa_authenticate"), {"code": f"00000{number}"})
    page = publisher.client.post(reverse("mfa_authenticate"), {"code": code(secret, noon.at)})
    assert "Too many failed" in words(page) and not publisher.is_in()


def test_a_session_of_the_password_alone_gains_nothing_when_the_owner_sets_a_factor_up(publisher, required, noon):
    publisher.sign_in()  # somebody who knows the password, before
    secret = with_app(publisher.user)
    led = publisher.client.get(reverse("admin:index"))
    assert led.url.startswith(reverse("mfa_reauthenticate"))
    publisher.client.post(led.url, {"code": code(secret, noon.at), "next": "/admin/"})
    assert publisher.is_in()


def test_a_recovery_code_opens_once(publisher, required):
    with_app(publisher.user)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    publisher.sign_in()
    publisher.client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert publisher.is_in()
    once_more = Guest(publisher.user)
    once_more.sign_in()
    page = once_more.client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert "Incorrect code" in words(page) and not once_more.is_in()


def test_a_copy_of_the_database_holds_no_secret_of_a_factor(publisher):
    secret = with_app(publisher.user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = json.dumps([str(row) for row in cursor.fetchall()])
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert secret not in stored and not any(one in stored for one in codes)


def test_another_secret_key_refuses_every_code_unless_the_old_one_is_kept(publisher, settings, noon):
    secret = with_app(publisher.user)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "x" * 60
    publisher.sign_in()
    page = publisher.client.post(reverse("mfa_authenticate"), {"code": code(secret, noon.at)})
    assert "Incorrect code" in words(page)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert SecondFactors().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_who_lost_everything_is_helped_by_a_superuser_or_by_the_command(world, publisher, required):
    with_app(publisher.user)
    root = Guest(User.objects.create_superuser("root"))
    root.client.force_login(root.user)
    session = root.client.session
    with_app(root.user)
    session["shown"] = True
    session.save()
    table = reverse("admin:auth_user_changelist")
    done = root.client.post(table, {"action": "forget", "_selected_action": [publisher.user.pk]}, follow=True)
    assert "password alone" in words(done)
    assert not Authenticator.objects.filter(user=publisher.user).exists()
    call_command("forget_second_factor", "root")
    assert not Authenticator.objects.exists() and not root.is_in()
    with pytest.raises(CommandError, match="no account"):
        call_command("forget_second_factor", "nobody")


def test_the_first_page_says_where_no_second_factor_is_needed(publisher, settings):
    publisher.sign_in()
    sentence = "a password alone is enough to publish"
    assert words(publisher.client.get(reverse("admin:index"))).count(sentence) == 1
    assert sentence not in render_to_string("admin/_second_factor.html", {"second_factor_is_required": True})


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "newsroom.example"}, "True"),
        ({"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "newsroom.example", "REQUIRE_SECOND_FACTOR": "0"}, "False"),
        ({"DEBUG": "1"}, "False"),
        ({"DEBUG": "1", "REQUIRE_SECOND_FACTOR": "1"}, "True"),
    ],
)
def test_it_is_required_unless_debug_or_the_environment_says_otherwise(environment, expected):
    question = "from newsroom.settings import REQUIRE_SECOND_FACTOR; print(REQUIRE_SECOND_FACTOR)"
    told = subprocess.run(
        [sys.executable, "-c", question], env=environment, cwd=site.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == expected


# Sessions


def test_a_session_is_new_at_sign_in_and_its_cookie_is_strict(writer, settings):
    settings.SESSION_COOKIE_SECURE = True
    writer.client.get(SIGN_IN)
    session = writer.client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    writer.client.cookies["sessionid"] = before
    cookie = writer.sign_in().cookies["sessionid"]
    assert cookie.value != before and not Session.objects.filter(session_key=before).exists()
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * 60 * 60


def test_a_session_lasts_twelve_hours_from_the_last_page_and_no_longer(writer, monkeypatch):
    writer.sign_in()
    (row,) = Session.objects.all()
    assert row.expire_date - timezone.now() <= timedelta(hours=12)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    later = time.time() + 120
    monkeypatch.setattr(access.time, "time", lambda: later)
    writer.client.get(reverse("admin:index"), headers={"Sec-Fetch-Mode": "cors"})  # what a page does by itself
    assert again(row).expire_date - timezone.now() < timedelta(hours=1)
    writer.client.get(reverse("admin:index"))
    assert again(row).expire_date - timezone.now() > timedelta(hours=11)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not writer.is_in()


def test_a_changed_password_ends_every_other_session(writer):
    writer.sign_in()
    phone = Guest(writer.user)
    writer.sign_in()
    phone.sign_in()
    data = {"oldpassword": PASSWORD, "password1": "another long word", "password2": "another long word"}
    done = writer.client.post(reverse("account_change_password"), data, follow=True)
    assert "All other sessions have ended" in words(done)
    assert writer.is_in() and not phone.is_in()


def test_a_closed_account_loses_its_sessions_for_good(world, writer):
    writer.sign_in()
    colleague = Guest(world.editor)
    colleague.sign_in()
    root = Guest(User.objects.create_superuser("root"))
    root.sign_in()
    form = reverse("admin:auth_user_change", args=[writer.user.pk])
    data = {name: values for name, values in Form(root.client.get(form)).data.items() if name != "is_active"}
    root.client.post(form, data)
    assert not again(writer.user).is_active
    User.objects.filter(pk=writer.user.pk).update(is_active=True)  # later, by somebody's leave
    assert not writer.is_in() and colleague.is_in() and root.is_in()


def test_the_session_of_a_closed_account_ends_when_it_knocks(writer):
    writer.sign_in()
    User.objects.filter(pk=writer.user.pk).update(is_active=False)
    assert not writer.is_in()
    User.objects.filter(pk=writer.user.pk).update(is_active=True)
    assert not writer.is_in()


def test_signing_somebody_out_leaves_the_others_in(world, writer):
    colleague = Guest(world.editor)
    writer.sign_in(), colleague.sign_in()
    end_sessions(writer.user)
    assert not writer.is_in() and colleague.is_in()


def test_a_public_page_does_not_look_at_the_session(writer):
    writer.sign_in()
    for page in (writer.client.get("/"), writer.client.get("/articles/")):
        assert "Cookie" not in page.get("Vary", "") and not page.cookies


# An ended session loses nothing


def typed_after_the_end(guest, edition, **changes):
    """Open a draft, let the session end, type, and save: what the server answers."""
    address = reverse("admin:articles_edition_change", args=[edition.pk])
    data = Form(guest.client.get(address)).data | changes
    guest.client.logout()
    return address, guest.client.post(address, data)


LONG = "“Zwei”, said <b>she</b> & they: \r\nà la ligne. 日本語 " + "x" * 300


def test_what_was_typed_comes_back_unsaved_and_can_then_be_saved(world, writer):
    edition = world.draft()
    writer.sign_in()
    address, door = typed_after_the_end(writer, edition, headline="Typed late", summary=LONG)
    assert door.status_code == 200 and "kept in this page and nowhere else" in words(door)
    data = Form(door).data
    assert data["next"] == [address] and Session.objects.count() == 0
    back = writer.client.post(SIGN_IN, data | {"login": "writer", "password": PASSWORD})
    assert back.status_code == 200 and f'action="{address}"' in back.content.decode()
    form = writer.client.post(address, Form(back).data)
    assert form.status_code == 200 and "is not saved yet" in words(form)
    filled = Form(form).data
    filled["summary"] = [filled["summary"][0].replace("\r\r\n", "\r\n")]  # as a browser reads the page's own CR LF
    assert (filled["headline"], filled["summary"]) == (["Typed late"], [LONG])
    assert again(edition).headline == "Ferries run again" and edition.saves.count() == 1
    writer.client.post(address, filled)
    assert again(edition).headline == "Typed late" and again(edition).summary == LONG.replace("\r\n", "\n")


def test_a_wrong_password_in_between_loses_nothing_and_neither_does_a_lock(world, writer):
    edition = world.draft()
    writer.sign_in()
    _address, door = typed_after_the_end(writer, edition, headline="Typed late")
    for _ in range(6):
        door = writer.client.post(SIGN_IN, Form(door).data | {"login": "writer", "password": "wrong"})
        assert "Typed late" in unescape(door.content.decode())
    assert "Too many failed" in words(door)


def test_the_limit_of_a_place_loses_nothing_either(world, writer):
    edition = world.draft()
    writer.sign_in()
    _address, door = typed_after_the_end(writer, edition, headline="Typed late")
    data = Form(door).data | {"login": "writer", "password": PASSWORD}
    for number in range(30):
        Client().post(SIGN_IN, {"login": f"x{number}", "password": ""})
    page = writer.client.post(SIGN_IN, data)
    assert page.status_code == 429 and "Typed late" in unescape(page.content.decode())


def test_it_goes_across_the_second_factor_too(world, publisher, required, noon):
    edition = world.draft()
    secret = with_app(publisher.user)
    publisher.sign_in()
    publisher.client.post(reverse("mfa_authenticate"), {"code": code(secret, noon.at)})
    address, door = typed_after_the_end(publisher, edition, headline="Typed late")
    noon.at += 60
    second = publisher.client.post(SIGN_IN, Form(door).data | {"login": "publisher", "password": PASSWORD})
    assert "code that your app shows" in words(second)
    wrong = publisher.client.post(
        reverse("mfa_authenticate"), {"code": "000000", "_typed": Form(second).data["_typed"]}
    )
    back = publisher.client.post(
        reverse("mfa_authenticate"), {"code": code(secret, noon.at), "_typed": Form(wrong).data["_typed"]}
    )
    form = publisher.client.post(address, Form(back).data)
    assert Form(form).data["headline"] == ["Typed late"] and again(edition).headline == "Ferries run again"


def test_files_have_to_be_chosen_again_and_the_pages_say_so(world, writer):
    writer.sign_in()
    add = reverse("admin:articles_image_add")
    data = Form(writer.client.get(add)).data | {"title": "Pier"}
    writer.client.logout()
    door = writer.client.post(add, data | {"file": SimpleUploadedFile("pier.png", b"bytes of a picture")})
    assert "chosen again: pier.png" in words(door) and b"bytes of a picture" not in door.content
    back = writer.client.post(SIGN_IN, Form(door).data | {"login": "writer", "password": PASSWORD})
    form = writer.client.post(add, Form(back).data)
    assert "chosen again: pier.png" in words(form) and Form(form).data["title"] == ["Pier"]


def test_a_new_record_comes_back_too(world, writer):
    writer.sign_in()
    add = reverse("admin:people_person_add")
    data = Form(writer.client.get(add)).data | {"name": "Tove Brandt"}
    writer.client.logout()
    back = writer.client.post(
        SIGN_IN, Form(writer.client.post(add, data)).data | {"login": "writer", "password": PASSWORD}
    )
    form = writer.client.post(add, Form(back).data)
    assert Form(form).data["name"] == ["Tove Brandt"] and not Person.objects.filter(name="Tove Brandt").exists()


def test_a_button_pressed_after_the_end_does_nothing_and_its_words_are_shown(world, publisher):
    edition = world.published()
    publisher.sign_in()
    verb = reverse("admin:articles_edition_verb", args=[edition.pk, "withdraw"])
    data = Form(publisher.client.get(verb)).data | {"reason": "The figures were wrong."}
    publisher.client.logout()
    door = publisher.client.post(verb, data)
    back = publisher.client.post(SIGN_IN, Form(door).data | {"login": "publisher", "password": PASSWORD})
    assert "The figures were wrong." in words(back) and f'href="{verb}"' in back.content.decode()
    forged = publisher.client.post(verb, {"_typed": Form(door).data["_typed"]})  # even when sent there all the same
    assert "The figures were wrong." in words(forged) and not again(edition).withheld


def test_passwords_are_not_carried(world):
    root = Guest(User.objects.create_superuser("root"))
    root.sign_in()
    add = reverse("admin:auth_user_add")
    root.client.logout()
    secret = "never in a hidden field"
    door = root.client.post(add, {"username": "new", "password1": secret, "password2": secret})
    assert secret not in door.content.decode() and "new" in unescape(Form(door).data["_typed"][0])


def test_a_script_that_saves_by_itself_is_told_and_gets_no_page(world, writer):
    edition = world.draft()
    address = reverse("admin:articles_edition_change", args=[edition.pk])
    for headers in ({"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "XMLHttpRequest"}, {"Accept": "application/json"}):
        answer = writer.client.post(address, {"headline": "x"}, headers=headers)
        assert answer.status_code == 401 and answer["Content-Type"] == "application/json"


def test_who_signed_in_again_in_another_window_loses_nothing_and_csrf_stays(world, writer):
    edition = world.draft()
    client = Client(enforce_csrf_checks=True)
    door = client.get(SIGN_IN)
    client.post(SIGN_IN, Form(door).data | {"login": "writer", "password": PASSWORD})
    address = reverse("admin:articles_edition_change", args=[edition.pk])
    stale = Form(client.get(address)).data | {"headline": "Typed before"}
    client.cookies["csrftoken"] = "a" * 32  # renewed by signing in elsewhere
    foreign = client.post(address, stale, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert foreign.status_code == 403 and b"Typed before" not in foreign.content
    unknown = client.post(address, stale)
    assert unknown.status_code == 403 and b"Typed before" not in unknown.content
    back = client.post(address, stale, headers={"Sec-Fetch-Site": "same-origin"})
    form = client.post(address, Form(back).data, headers={"Sec-Fetch-Site": "same-origin"})
    assert Form(form).data["headline"] == ["Typed before"] and again(edition).headline == "Ferries run again"


def test_what_comes_back_needs_its_token_too(world, writer):
    edition = world.draft()
    client = Client(enforce_csrf_checks=True)
    client.force_login(writer.user)
    sent = typed.Typed([["headline", "Forged"]], [])
    answer = client.post(reverse("admin:articles_edition_change", args=[edition.pk]), {"_typed": str(sent)})
    assert answer.status_code == 403 and b"Forged" not in answer.content


@pytest.mark.parametrize("junk", ["[]", "7", "{", '{"fields": 7}', '{"fields": [[1]]}', '{"files": 1}', "[" * 100_000])
def test_a_broken_parcel_is_no_parcel(writer, junk):
    assert not typed.unpacked(junk)
    answer = writer.sign_in(_typed=junk)
    assert answer.status_code == 302


def test_a_text_that_somebody_else_saved_meanwhile_meets_it_on_the_page_of_two_texts(world, writer):
    edition = world.draft()
    writer.sign_in()
    address, door = typed_after_the_end(writer, edition, headline="Typed late")
    theirs = Edition.objects.get(pk=edition.pk)
    theirs.headline = "Saved meanwhile"
    theirs.save(by=world.editor)
    back = writer.client.post(SIGN_IN, Form(door).data | {"login": "writer", "password": PASSWORD})
    form = writer.client.post(address, Form(back).data)
    both = writer.client.post(address, Form(form).data)
    assert both.status_code == 409 and "Typed late" in both.content.decode()
    assert again(edition).headline == "Saved meanwhile"


# Its pages


def pages(publisher, noon):
    """Every page of signing in and of one's account, as it is seen."""
    door = Client()
    yield door.get(SIGN_IN)
    yield door.post(SIGN_IN, {"login": "nobody", "password": "x"})
    yield door.post(reverse("admin:people_person_add"), {"name": "Tove Brandt"})
    yield door.get(reverse("account_reset_password"))
    yield door.get(reverse("account_reset_password_done"))
    yield door.get(reverse("account_reset_password_from_key_done"))
    yield door.get(reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "x-y"}))
    yield door.get(reverse("account_inactive"))
    publisher.sign_in()
    client = publisher.client
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "account_change_password"):
        yield client.get(reverse(name))
    yield client.get(reverse("account_reauthenticate"))
    secret = with_app(publisher.user)
    for name in (
        *("mfa_index", "mfa_reauthenticate", "mfa_deactivate_totp"),
        *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    ):
        yield client.get(reverse(name))
    yield client.get(reverse("admin:index"))
    client.logout()
    publisher.sign_in()
    yield client.get(reverse("mfa_authenticate"))
    yield client.post(reverse("mfa_authenticate"), {"code": code(secret, noon.at)}, follow=True)
    yield client.post(reverse("admin:logout"), follow=True)
    for _ in range(31):
        page = door.post(SIGN_IN, {})
    yield page


def test_every_page_is_ours_under_our_policy_with_one_heading(publisher, noon):
    seen = list(pages(publisher, noon))
    assert len(seen) == 24 and seen[-1].status_code == 429
    for page in seen:
        html, address = page.content.decode(), page.request["PATH_INFO"]
        policy = page["Content-Security-Policy"]
        assert page.status_code in (200, 429), address
        assert "script-src 'self'" in policy and "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", html), address
        assert html.count("<h1") == 1 and "admin-newsroom/admin.css" in html, address
        if address.startswith("/admin/account/"):
            assert "no-store" in page["Cache-Control"] and "admin-newsroom/access.css" in html


def test_every_sentence_of_its_templates_can_be_translated():
    """Outside tags and translated blocks no template of these pages has words of its own."""
    for folder in ("account", "mfa"):
        for path in (site.BASE_DIR / "templates" / folder).rglob("*.*"):
            text = path.read_text()
            text = re.sub(r"{% block(translate| bodyclass).*?{% endblock(translate)? %}", "", text, flags=re.S)
            text = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>|&\w+;", " ", text, flags=re.S)
            assert not re.search(r"[A-Za-z]{2,}", text), path.name
