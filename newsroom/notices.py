"""Telling editors by e-mail what they chose to be told of: each act once, each going-live once for an instant.

A mail says "edition 2 of article UID" and gives a link, and never a word of any text: mail passes through hands that
the newsroom does not know. `send` may be called by anybody at any time; it sends what is owed and no more.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from articles.desk import Act
from articles.models import Edition
from newsroom.models import Notice, NoticeChoice

log = logging.getLogger(__name__)

#: acts that are told of, by their verb
TOLD = {"return": NoticeChoice.RETURNED, "approve": NoticeChoice.APPROVED, "override": NoticeChoice.OVERRIDE}
SOON = timedelta(minutes=30)  # "about to go live"
LATE = timedelta(days=3)  # what could not be sent for so long is no news
BROKEN_OFF = timedelta(minutes=15)  # a claim so old was left by a process that ended


@dataclass(frozen=True)
class Owed:
    """One mail: to whom, of which kind, about which edition; because of an act, or of an instant to come."""

    user: models.Model
    kind: str
    edition: Edition
    act: Act | None = None

    @property
    def once(self):
        """What it is told of, as the columns that are unique for each editor."""
        return {"act": self.act} if self.act else {"edition": self.edition, "instant": self.edition.live_from}


def is_configured():
    """Whether this newsroom has a way to send mail."""
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def may_choose(user):
    """The kinds that can ever concern this editor."""
    others = [(kind, label) for kind, label in NoticeChoice.KINDS if kind != NoticeChoice.OVERRIDE]
    return NoticeChoice.KINDS if user.has_perm("articles.approve_edition") else others


def owed(now):
    """Every mail that somebody chose, that is due at `now`, and that has not been sent."""
    choices = NoticeChoice.objects.filter(user__is_active=True, user__is_staff=True).exclude(user__email="")
    wants = {(choice.user_id, choice.kind): choice for choice in choices.select_related("user")}
    if not wants:
        return []
    since = max(now - LATE, min(choice.since for choice in wants.values()))
    acts = Act.objects.filter(verb__in=TOLD, at__gte=since, at__lte=now).exclude(edition=None)
    due = [
        Owed(choice.user, kind, act.edition, act)
        for act in acts.select_related("edition__article").order_by("id")
        for (user, kind), choice in wants.items()
        if kind == TOLD[act.verb] and act.at >= choice.since and concerns(kind, act.edition, user, act.by_id)
    ]
    soon = Edition.objects.filter(live_from__gt=now, live_from__lte=now + SOON, withheld=False)
    due += [
        Owed(choice.user, kind, edition)
        for edition in soon.select_related("article").order_by("live_from", "id")
        for (user, kind), choice in wants.items()
        if kind == NoticeChoice.SOON and concerns(kind, edition, user)
    ]
    told = Notice.objects.filter(act__in={one.act for one in due if one.act}).values_list("user", "act")
    warned = Notice.objects.filter(edition__in={one.edition for one in due if not one.act})
    known = {*told, *warned.values_list("user", "edition", "instant")}
    return [one for one in due if (one.user.pk, *_keys(one)) not in known and _may(one)]


def _keys(one):
    return (one.act.pk,) if one.act else (one.edition.pk, one.edition.live_from)


def _may(one):
    permission = "approve_edition" if one.kind == NoticeChoice.OVERRIDE else "view_edition"
    return one.user.has_perm(f"articles.{permission}")


def concerns(kind, edition, user, by=None):
    """Whether what happened to `edition` is something that this user (an id) is told of. Nobody is told of what they
    did themselves, but for what they scheduled."""
    if kind == NoticeChoice.SOON:
        return user in (edition.written_by_id, edition.submitted_by_id, edition.approved_by_id, edition.published_by_id)
    if user == by:
        return False
    return kind == NoticeChoice.OVERRIDE or user in (edition.written_by_id, edition.submitted_by_id)


def send(now=None):
    """Send what is owed. Returns (sent, failed); what failed is owed again. Each mail is claimed by a row of its own
    before it goes out, so that two senders at once send it once, and no lock is held while the mail server answers."""
    now = now or timezone.now()
    if not is_configured():
        return 0, 0
    Notice.objects.filter(sent_at=None, claimed_at__lt=now - BROKEN_OFF).delete()
    due, sent, failed = owed(now), 0, 0
    if not due:
        return 0, 0
    post = get_connection()
    for one in due:
        try:
            with transaction.atomic():
                claim = Notice.objects.create(user=one.user, kind=one.kind, claimed_at=now, **one.once)
        except IntegrityError:
            continue  # somebody else is sending it
        try:
            letter(one, post).send()
        except OSError as error:  # what the server says (SMTPException is one) may quote the mail: its kind is enough
            log.warning("Notice %s for user %s was not sent: %s", one.kind, one.user.pk, type(error).__name__)
            claim.delete()
            if not isinstance(error, SMTPRecipientsRefused):  # a server that is away is not asked for each mail anew
                return sent, len(due) - sent
            failed += 1
        else:
            Notice.objects.filter(pk=claim.pk).update(sent_at=timezone.now())
            sent += 1
    return sent, failed


def send_soon():
    """After a commit: what is owed by now. Mail that cannot be sent never stops an editor's work."""
    if NoticeChoice.objects.exists():
        send()


def letter(one, post=None):
    """The mail itself: the number, the article's uid, a link; not a word more of any text."""
    with translation.override(settings.LANGUAGE_CODE):
        number = one.edition.number
        if number is None:
            last = Edition.objects.filter(article=one.edition.article_id).aggregate(last=Max("number"))["last"]
            number = (last or 0) + 1
        what = _("edition %(number)d of article %(uid)s") % {"number": number, "uid": one.edition.article.uid}
        subject, text = {
            NoticeChoice.RETURNED: (_("Returned: %s"), _("It came back to you with a note. Read it here:")),
            NoticeChoice.APPROVED: (_("Approved: %s"), _("Somebody stands for this exact text now. It is here:")),
            NoticeChoice.SOON: (_("Goes live within half an hour: %s"), _("What is scheduled, and when, is here:")),
            NoticeChoice.OVERRIDE: (
                _("To countersign: %s"), _("It was published without a second pair of eyes. Read it, and sign, here:"),
            ),
        }[one.kind]  # fmt: skip
        address = settings.SITE_URL + reverse("admin:articles_edition_change", args=[one.edition.pk])
        choose = _("You chose to be told of this. Change that here:")
        body = f"{text}\n{address}\n\n{choose}\n{settings.SITE_URL}{reverse('admin:notices')}\n"
        house = " ".join(settings.INSTITUTION["short_name"].split())
        return EmailMessage(
            f"[{house}] {subject % what}", body, to=[one.user.email], connection=post,
            headers={"Auto-Submitted": "auto-generated"},
        )  # fmt: skip
