"""Who may do what, as three groups. Established by every migrate; an institution may add its own beside them."""

from django.contrib.auth.models import Group, Permission

WRITING = [
    "view_edition",
    "add_edition",
    "change_edition",
    "view_article",
    "add_article",
    "change_article",
    "add_image",
    "view_image",
    "change_image",
    "view_person",
    "add_person",
    "view_organisation",
    "view_position",
    "view_appointment",
    "view_topic",
    "view_quote",
]
EDITING = [
    *WRITING,
    *["approve_edition", "change_person", "add_organisation", "change_organisation", "add_position", "change_position"],
    *["add_appointment", "change_appointment", "add_topic", "change_topic", "change_quote", "view_change", "view_act"],
    *["view_override", "view_releasegroup", "view_standingpage", "change_standingpage"],
]
PUBLISHING = [
    *EDITING,
    *["publish_edition", "withdraw_article", "erase_article", "add_releasegroup", "view_embargoread"],
]
ROLES = {"writer": WRITING, "editor": EDITING, "publisher": PUBLISHING}


def establish_roles():
    """Create the three groups with what they may do; permissions added to them by hand are kept."""
    for name, codenames in ROLES.items():
        grant(name, codenames, ["people", "articles"])


def grant(role, codenames, apps):
    """What `role` may do in these apps, beside what it may do already."""
    group, _created = Group.objects.get_or_create(name=role)
    group.permissions.add(*Permission.objects.filter(codename__in=codenames, content_type__app_label__in=apps))
