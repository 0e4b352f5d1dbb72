"""What partners may read before its hour: editions that a publisher gave out under embargo, at addresses which for
everybody else do not exist. Not in the API's root nor in its schema; the docs tell of it in one paragraph."""

from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from rest_framework.exceptions import NotFound

from articles.api import Articles, ArticleSerializer, file
from articles.models import Edition
from articles.sharing import EmbargoRead, EmbargoRelease
from people.api import Instant, Problem


class UnderEmbargoSerializer(ArticleSerializer):
    embargoed_until = Instant(source="live_from")


class UnderEmbargo(Articles):
    """Each as articles/ will have it from its hour on, soonest first. Whoever may not read here is answered as at an
    address that is not there, before anything is asked of the record."""

    schema = None
    serializer_class = UnderEmbargoSerializer
    filterset_class = None
    asks = {"fields": Articles.asks["fields"]}
    ordering = ("live_from", "id")

    def initial(self, request, *args, **kwargs):
        self.perform_authentication(request)
        if not self.is_there(request):
            self.check_throttles(request)
            raise NotFound()
        super().initial(request, *args, **kwargs)

    @staticmethod
    def is_there(request):
        return request.auth is not None and request.auth.partner.under_embargo

    def finalize_response(self, request, *args, **kwargs):
        response = super().finalize_response(request, *args, **kwargs)
        if self.is_there(request):
            response["Cache-Control"] = "no-store"
        return response

    def get_queryset(self):
        first_live = Coalesce(self.first_live(), F("live_from"))
        return Edition.objects.embargoed_for(self.at).select_related("article").annotate(first_live=first_live)

    def missing(self, name):
        return NotFound()

    def shown(self, rows):
        """The words, once it is written down who gets them: in one transaction, in which nothing can be taken back or
        called off. What was, since the rows were found, is not shown."""
        if not rows:
            return []
        who = {"reader": self.request.auth.partner.name, "key": str(self.request.auth)}
        given = EmbargoRelease.objects.filter(edition__in=rows).order_by("edition__article")
        try:
            with transaction.atomic():
                standing = [row.edition_id for row in given.select_for_update(of=["self"], no_key=True)]
                rows = [*self.get_queryset().filter(pk__in=standing).order_by(*self.ordering)]
                EmbargoRead.note(rows, self.at, in_a_list=self.action == "list", **who)
                self.gather(rows)
                told = [words for edition in rows for words in self.at_its_hour(edition)]
        except DatabaseError as error:
            raise Problem(
                "not_logged", "It could not be written down that you read this, so nothing is shown. Ask again soon.",
                status=503, wait=5,
            ) from error  # fmt: skip
        if self.action == "retrieve" and not told:
            raise NotFound()
        return told

    def at_its_hour(self, edition):
        self.hour = edition.live_from
        return self.serialized([edition])

    def gather(self, editions):
        """What belongs to other articles (translations, related items) is as it is now, since their own hours are
        nobody's business."""
        super().gather(editions)
        for edition in editions if "corrections" in self.wanted else ():
            if edition.change_class == Edition.CORRECTION:
                edition.corrections.append(edition)

    def file(self, editions, texts):
        """People, offices and topics as they will be at each edition's hour, which it makes public itself."""
        hours = {edition.pk: edition.live_from for edition in editions}
        if hours:
            file(editions, texts, max(hours.values()), hours)

    def get_serializer_context(self):
        return {"at": self.hour}
