"""What the roles of articles/roles.py may do here besides. Established by every migrate, as those are."""

from articles.roles import grant

PUBLISHING = ["view_partner", "add_partner", "change_partner", "view_webhook", "add_webhook", "change_webhook"]


def after_migrate(**kwargs):
    grant("publisher", PUBLISHING, ["newsroom"])
