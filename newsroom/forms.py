from django import forms
from django.utils.translation import gettext_lazy as _

from newsroom.notices import may_choose


class NoticesForm(forms.Form):
    """What one editor wants to be told by e-mail, out of what can concern them."""

    kinds = forms.MultipleChoiceField(
        label=_("Tell me by e-mail when"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = may_choose(user)
