"""Releases become drafts, and on demand are accepted and published, file by file."""

import json
import time
from collections import Counter
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import reset_queries

from articles import imports
from articles.models import Edition
from articles.releases import UnreadableRelease

SUFFIXES = {".txt", ".text", ".md", ".html", ".htm", ".docx", ".eml"}
FEW = 20  # files: each is told of in full
REFRESH = 500  # files: the register is read anew, for what others did meanwhile


def somebody(username):
    """The account that acts in a command; CommandError when there is none, or when it is closed."""
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{username}”.")
    return user


def files_in(paths):
    """The files named, and those of the folders named, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        else:
            yield path


class Command(BaseCommand):
    help = (
        "Import press releases (text, HTML, Word, mail; files or whole folders) as drafts, one transaction per file. "
        "The same file never makes two articles, so a run that was broken off is resumed by running it again. "
        "Exits 1 when a file was refused, or could not be published with --publish."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of them")
        parser.add_argument("--accept", action="store_true", help="confirm the people and offices found in it")
        parser.add_argument("--publish", action="store_true", help="publish it when nothing is missing")
        parser.add_argument("--repair", action="store_true", help="mend damaged characters (“â€œ” for “) first")
        parser.add_argument("--by", metavar="USERNAME", help="who answers for it (needs the permissions of the verbs)")
        parser.add_argument(
            "--report", type=Path, metavar="FILE.jsonl", help="one JSON object for each file, added to this file"
        )

    def handle(self, *args, files, accept, publish, by, report, repair, **options):
        paths = list(files_in(files))
        if not paths:
            raise CommandError(f"No release was found there. Files of these kinds are read: {', '.join(SUFFIXES)}.")
        self.by = somebody(by) if by else None
        self.accept, self.publish, self.repair = accept, publish, repair
        self.few = len(paths) <= FEW or options["verbosity"] > 1
        self.register = imports.Register()
        self.tally = Counter()
        try:
            report = report and report.open("a", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The report cannot be written: {error}") from None
        self.began = time.monotonic()
        try:
            for number, path in enumerate(paths, 1):
                facts = {"file": str(path)} | self.one(path)
                self.tally[facts["status"]] += 1
                if report:
                    report.write(json.dumps(facts, ensure_ascii=False) + "\n")
                    report.flush()
                if number % REFRESH == 0:
                    self.register.load()
                if not self.few and number % 100 == 0:
                    self.progress(number, len(paths))
                reset_queries()
        except KeyboardInterrupt:
            self.summary(len(paths))
            raise CommandError("Stopped. Run the same command again to go on where it was.") from None
        finally:
            if report:
                report.close()
        if not self.few:
            self.summary(len(paths))
        failed = self.tally["refused"] + self.tally["not published"]
        if failed:
            raise CommandError(f"{failed} of {len(paths)} files not {'published' if publish else 'imported'}.")

    def one(self, path):
        """What became of a file, as plain data: its status, and of a draft what was understood and is left open."""
        facts = {"status": "refused"}
        try:
            try:
                edition = imports.take_in(imports.contents(path), path.name, self.by, self.register, self.repair)
                facts["status"] = "imported"
                self.say(f"{path.name}: draft of article {edition.article.uid}: {edition.headline}")
            except imports.AlreadyImported as known:
                facts |= {"status": "already imported", "article": known.release.article.uid}
                self.say(f"{path.name}: {known}")
                sealed = Edition.objects.filter(article=known.release.article).exclude(live_from=None)
                edition = known.release.article.editions.drafts().order_by("id").first()
                if edition is None or sealed.exists() or not (self.accept or self.publish or self.few):
                    return facts
            self.understood(edition, facts)
            if self.publish:
                facts["status"] = "not published"
                imports.publish(edition, self.by)
                facts["status"] = "published"
                self.say(f"  published: edition {edition.number} of /articles/{edition.article.slug}/")
            elif self.few:
                for problem in edition.blockers():
                    self.say(f"  missing: {problem}")
        except (UnreadableRelease, PermissionDenied) as refusal:
            facts |= {"status": "not published" if self.publish and "article" in facts else "refused"}
            facts["reasons"] = [str(refusal)]
            self.stderr.write(f"{path.name}: {refusal}")
        except ValidationError as problems:
            facts["reasons"] = problems.messages
            for problem in problems.messages:
                self.stderr.write(f"{path.name}: not published: {problem}")
        return facts

    def understood(self, edition, facts):
        release = edition.article.releases.order_by("id").first()
        proposal = release.proposal
        facts |= {
            "article": edition.article.uid, "title": edition.headline, "dated": edition.dated.isoformat(),
            "language": edition.article.language, "quotes": len(proposal["quotes"]),
            "without_speaker": sum(not (quote["speaker"] or quote["source"]) for quote in proposal["quotes"]),
            "to_decide": [*proposal["problems"], *proposal["open_questions"]],
        }  # fmt: skip
        self.tally["quotes"] += facts["quotes"]
        self.tally["of them without a speaker or source"] += facts["without_speaker"]
        self.tally["files with something to decide"] += bool(facts["to_decide"])
        if self.few:
            for row in edition.proposals():
                self.say(f"  {'confirmed' if self.accept else 'proposed'} {row._meta.verbose_name}: {row}")
        if self.accept:
            imports.accept(edition, self.by, self.register)
        for question in facts["to_decide"]:
            self.say(f"  to decide: {question}")

    def say(self, line):
        if self.few:
            self.stdout.write(line)

    def progress(self, number, of):
        took = time.monotonic() - self.began
        left = took / number * (of - number) / 60
        self.stdout.write(f"{number:,} of {of:,} files, {number / took:.0f} a second, {left:.0f} minutes left")

    def summary(self, of):
        self.stdout.write(f"{of:,} files in {(time.monotonic() - self.began) / 60:.1f} minutes:")
        for what, number in self.tally.items():
            self.stdout.write(f"  {number:>7,}  {what}")
