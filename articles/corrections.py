"""The public log of corrections: what was corrected, when, why, and which words."""

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from articles import body as bodies
from articles import comparison
from articles.models import Edition
from articles.pages import leaf, page, shown
from articles.views import compare_url

SIZE = 10
#: how many changed paragraphs stand open; more of them fold away
OPEN = 3


@page("cursor")
def log(request):
    """Corrections stay in it when later editions follow, and when their article has ended; not when it is withdrawn."""
    on_record = Edition.objects.on_record(request.moment.at)
    before = on_record.filter(article=OuterRef("article"), live_from__lt=OuterRef("live_from")).order_by("-live_from")
    rows = on_record.filter(change_class=Edition.CORRECTION).select_related("article")
    rows = rows.annotate(corrected_id=Subquery(before.values("pk")[:1]))
    rows, newer, older = leaf(request, rows, ("-live_from", "-id"), ("article__uid", "number"), SIZE)
    corrected = on_record.select_related("article").in_bulk([row.corrected_id for row in rows if row.corrected_id])
    return shown(
        request, "corrections.html", title=_("Corrections"), here="corrections", feed="corrections",
        newer_url=newer, older_url=older,
        description=_("Everything that was corrected after publication, with the words before and after."),
        corrections=[correction(row, corrected.get(row.corrected_id)) for row in rows],
        empty_hint={"title": _("Nothing has had to be corrected.")},
    )  # fmt: skip


def correction(edition, earlier):
    """One entry of the log: only what changed. `earlier` is None where the words before are no longer on record."""
    changed, headline = [], []
    if earlier:
        changed = [pieces for _kept, pieces in comparison.woven(earlier.body, edition.body) if pieces]
        if earlier.headline != edition.headline:
            headline = bodies.word_diff(earlier.headline, edition.headline)
    return {
        "edition": edition, "url": edition.get_absolute_url(), "headline": headline,
        "compare_url": compare_url(edition.article.slug, earlier, edition), "passages": changed[:OPEN],
        "folded": changed[OPEN:],
    }  # fmt: skip
