"""The decision on an embargo that was found in a release: what the line says, read out, and the form that asks.

Nothing is preselected, and until it is decided `Edition.blockers` holds the draft back.
"""

from datetime import UTC

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from articles.forms import local_instant
from articles.models import Edition
from articles.review import embargo_end

AS_READ, AT = "as-read", "at"


def instant_in(line):
    """The instant until which an embargo line holds, None when it is not clear; without a zone, by newsroom time."""
    wall, zone = embargo_end(line) or (None, None)
    if wall is None:
        return None
    if zone:
        return wall.replace(tzinfo=zone)
    try:
        return local_instant(wall.date(), wall.time())
    except ValidationError:  # the clocks skip or repeat it: an editor says which
        return None


def told(instant):
    """Such an instant on the newsroom's clocks, with UTC beside it."""
    local = timezone.localtime(instant)
    text = date_format(local, "D j F Y, H:i T")
    return f"{text} ({instant.astimezone(UTC):%H:%M} UTC)" if local.utcoffset() else text


class EmbargoForm(forms.Form):
    """Hold it until an instant, lift it, or say why it does not apply; nothing is preselected. Not `required`, it may
    stay undecided."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"placeholder": "2026-11-24"}), required=False)
    time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "07:00"}), required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, data=None, *, line, required=True, **kwargs):
        super().__init__(data, **kwargs)
        self.instant = instant_in(line)
        self.fields["decision"].choices = [
            *([(AS_READ, _("Publish at %(instant)s") % {"instant": told(self.instant)})] if self.instant else []),
            (AT, _("Publish at another instant") if self.instant else _("Publish at an instant")),
            (Edition.LIFT, _("Lift it now")), (Edition.NOT_APPLY, _("It does not apply, because of this reason")),
        ]  # fmt: skip
        self.fields["decision"].required = required
        self.fields["time"].help_text = _("24 hours, time of %(zone)s.") % {
            "zone": timezone.get_default_timezone_name()
        }

    def clean(self):
        cleaned = super().clean()
        decision = cleaned.get("decision")
        if decision == AS_READ:
            cleaned["until"] = self.instant
        elif decision == AT and not self.errors:
            if cleaned.get("day") is None or cleaned.get("time") is None:
                self.add_error("day", _("Give the day and the time at which it may be published."))
            else:
                try:
                    cleaned["until"] = local_instant(cleaned["day"], cleaned["time"])
                except ValidationError as error:
                    self.add_error("time", error)
        elif decision == Edition.NOT_APPLY and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", _("Say why it does not apply."))
        return cleaned

    def decide(self, edition, by):
        """Do what was chosen, in the words of the model."""
        chosen = self.cleaned_data
        decision = Edition.HOLD if chosen["decision"] in (AS_READ, AT) else chosen["decision"]
        edition.decide_embargo(by, decision, chosen.get("until"), chosen["reason"])
