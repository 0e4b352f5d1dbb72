"""Releases become drafts, and on demand are accepted and published, file by file."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from articles import imports
from articles.models import Edition
from articles.releases import UnreadableRelease


def somebody(username):
    """The account that acts in a command; CommandError when there is none, or when it is closed."""
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{username}”.")
    return user


class Command(BaseCommand):
    help = (
        "Import press releases as drafts, one transaction per file; the same file never makes two articles. "
        "Exits 1 when a file was refused, or could not be published with --publish."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--accept", action="store_true", help="confirm the people and offices found in it")
        parser.add_argument("--publish", action="store_true", help="publish it when nothing is missing")
        parser.add_argument("--by", metavar="USERNAME", help="who answers for it (needs the permissions of the verbs)")

    def handle(self, *args, files, accept, publish, by, **options):
        by = somebody(by) if by else None
        failed = 0
        for path in files:
            try:
                self.one(path, by, accept, publish)
            except (UnreadableRelease, PermissionDenied) as refusal:
                failed += 1
                self.stderr.write(f"{path.name}: {refusal}")
            except ValidationError as problems:
                failed += 1
                for problem in problems.messages:
                    self.stderr.write(f"{path.name}: not published: {problem}")
        if failed:
            raise CommandError(f"{failed} of {len(files)} files not {'published' if publish else 'imported'}.")

    def one(self, path, by, accept, publish):
        try:
            edition = imports.take_in(imports.contents(path), path.name, by)
            self.stdout.write(f"{path.name}: draft of article {edition.article.uid}: {edition.headline}")
        except imports.AlreadyImported as known:
            self.stdout.write(f"{path.name}: {known}")
            sealed = Edition.objects.filter(article=known.release.article).exclude(live_from=None)
            edition = known.release.article.editions.drafts().order_by("id").first()
            if edition is None or sealed.exists():
                return
        for row in edition.proposals():
            self.stdout.write(f"  {'confirmed' if accept else 'proposed'} {row._meta.verbose_name}: {row}")
        if accept:
            imports.accept(edition, by)
        for release in edition.article.releases.all():
            for question in [*release.proposal["problems"], *release.proposal["open_questions"]]:
                self.stdout.write(f"  to decide: {question}")
        if publish:
            imports.publish(edition, by)
            self.stdout.write(f"  published: edition {edition.number} of /articles/{edition.article.slug}/")
        else:
            for problem in edition.blockers():
                self.stdout.write(f"  missing: {problem}")
