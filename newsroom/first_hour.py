"""An empty newsroom's first hour: the steps from nothing to the first published item, for the role at hand."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import Edition
from people.models import Appointment, Organisation, Position


@dataclass
class Step:
    """One step from nothing to the first published item. Without a `link` somebody else takes it: `who` says so."""

    done: bool
    title: str
    text: str
    link: str = ""
    verb: str = ""
    who: str = ""
    is_next: bool = False
    may_import: bool = False


def first_hour(user):
    """The way from nothing to the first published item, each step done or not; None once something is on record."""
    if Edition.objects.exclude(live_from=None).exists():
        return None

    def way(permission, address, verb, who, *arguments):
        may = user.has_perm(permission)
        return {"link": reverse(f"admin:{address}", args=arguments), "verb": verb} if may else {"who": who}

    furthest = [F("approved_at").desc(nulls_last=True), F("submitted_at").desc(nulls_last=True), "id"]
    draft = Edition.objects.drafts().order_by(*furthest)
    draft = draft.only("pk", "written_by", "submitted_at", "returned_at", "approved_at", "live_from").first()
    state = draft.review_state if draft else ""
    accounts = get_user_model().objects.filter(is_active=True, is_staff=True)
    an_editor, publisher = _("An editor does this."), _("A publisher does this.")
    steps = [
        Step(
            Organisation.objects.filter(proposed=False).exists(), _("Enter your institution"),
            _("The body that speaks. Others that are quoted here can follow later."),
            **way("people.add_organisation", "people_organisation_add", _("Enter the institution"), an_editor),
        ),
        Step(
            Position.objects.filter(proposed=False).exists(), _("Enter its offices"),
            _("Secretary General, spokesperson, minister: a quote shows for ever the office its speaker held."),
            **way("people.add_position", "people_position_add", _("Enter an office"), an_editor),
        ),
        Step(
            Appointment.objects.filter(proposed=False).exists(), _("Enter the people who hold them"),
            _("With the days from which and until which. They are private until an article that names them is live."),
            **way("people.change_person", "people_person_add", _("Enter a person"), an_editor),
        ),
        Step(
            accounts[1:2].exists(), _("Give a colleague an account"),
            _("Whoever wrote a text cannot approve it, so it takes two: put one in the group “writer”, another in "
              "“editor” or “publisher”."),
            **way("auth.add_user", "auth_user_add", _("Add an account"), _("Whoever keeps the accounts does this.")),
        ),
        Step(
            bool(draft), _("Write the first article"),
            _("Or read in what you have: press releases as text, HTML, Word or mail become drafts with their quotes."),
            **way("articles.add_edition", "articles_edition_add", _("New article"), _("A writer does this.")),
            may_import=True,
        ),
        Step(
            state in ("in-review", "ready"), _("Submit it for review"),
            _("You can submit it with things still open; the reviewer sees them too."),
            **(way("articles.change_edition", "articles_edition_change", _("Open the draft"), "", draft.pk)
               if draft and (draft.written_by_id == user.pk or user.has_perm("articles.approve_edition"))
               else {"who": _("Its writer does this.")}),
        ),
        Step(
            state == "ready", _("Let somebody else approve it"),
            _("An editor who did not write at it reads it, and stands for this exact text."),
            **(way("articles.approve_edition", "articles_edition_change", _("Read it"), an_editor, draft.pk)
               if draft and draft.written_by_id != user.pk
               else {"who": _("An editor other than its writer does this.")}),
        ),
        Step(
            False, _("Publish it, now or at an hour you choose"),
            _("From then on its words are on record: they can be followed by a next edition, and never changed."),
            **(way("articles.publish_edition", "articles_edition_change", _("Open it"), publisher, draft.pk)
               if draft else {"who": publisher}),
        ),
    ]  # fmt: skip
    following = next(step for step in steps if not step.done)
    following.is_next = True
    return steps
