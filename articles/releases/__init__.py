"""A press release in, a proposal out: title, dates, place, paragraphs, quotes and their speakers, people, links.

Pure functions over text and a `Registry`; no ORM, no clock, no model. The reader works in sieves from sure to unsure
(layout, quotation marks, cue clauses, subjects); every quote carries the rule that found it, the clause that proves
it and a confidence. A speaker is left empty rather than guessed: a wrong name on a quote is the costly error.
All offsets are into the text as given; matching happens on a normalised copy that maps back to it.

Each module imports those before it: proposal, formats, words, offices, source, dates, layout, marks, cast, voices;
evaluation measures the whole on a labelled set.
"""

import re
from bisect import bisect_right

from articles.releases.cast import Cast
from articles.releases.formats import FILE_LIMIT, LIMIT, MOJIBAKE, Opened, from_html, mended, open_release, repaired
from articles.releases.layout import IMMEDIATE, Layout
from articles.releases.offices import Registry, canonical_position, name_key, office_key
from articles.releases.proposal import Cut, FoundDate, Named, Piece, Proposal, Quote, Related, UnreadableRelease
from articles.releases.source import Source
from articles.releases.voices import VOICE_LIMIT, Reader
from articles.releases.words import word_set

__all__ = [
    "FILE_LIMIT", "LIMIT", "MOJIBAKE", "Opened", "Proposal", "Registry", "UnreadableRelease", "canonical_position",
    "from_html", "mended", "open_release", "read", "repaired", "suggest",
]  # fmt: skip

_STOPWORDS = {
    "en": word_set("the of and to in is that for with on was said by as are it from has have will this"),
    "fr": word_set("le la les des du et est dans une un pour que qui sur par avec au aux sont cette plus"),
    "de": word_set("der die das und ist den von mit für auf im ein eine des dem zu nicht sich wird als"),
    "es": word_set("el los las de y en que por con una para del se su es al como más fue la"),
    "it": word_set("il di che e la per un una con del della sono gli le nel alla dei da è più"),
    "nl": word_set("de het een en van is dat op te in voor met zijn die aan door wordt ook niet om"),
}


def _language(text):
    words = re.findall(r"[^\W\d_]+", text[:2500].lower())
    scores = {code: sum(1 for w in words if w in stop) for code, stop in _STOPWORDS.items()}
    best = max(scores, key=scores.get)
    return best if scores[best] > scores["en"] else "en"


def read(text, registry=None, file=""):
    """The proposal for one release, given as its text, as the bytes of a file, or as `Opened`.

    Never raises on a str. Bytes that are empty, binary, too long or of no known format raise `UnreadableRelease`;
    what is missing from readable text (a title, a date) stands in `problems`.
    """
    opened = open_release(text) if isinstance(text, bytes) else Opened(text) if isinstance(text, str) else text
    given = opened.text
    registry = registry or Registry()
    proposal = Proposal(file=file)
    if len(given) > LIMIT or not given.strip():
        proposal.problems.append(
            "The text is empty." if not given.strip() else "The text is too long for a release; nothing was read."
        )
        if given.strip():
            proposal.cut.append(Cut(given, 0, len(given), "too long"))
        return proposal
    source = Source(given)
    lines = opened.lines and [(source.copied(start), source.copied(end), tag) for start, end, tag in opened.lines]
    layout = Layout(source.text, lines)
    proposal.language = _language(source.text)
    _fill_layout(proposal, source, layout, opened.links)
    if len(given) <= VOICE_LIMIT:
        _fill_voices(proposal, source, layout, registry)
    else:
        proposal.problems.append("The text is very long: no quotes were looked for. Please send one release at a time.")
    stretches = [proposal.title_span] if proposal.title_span else []
    stretches += [(piece.start, piece.end) for piece in proposal.paragraphs]
    proposal.topics += _topics(registry, given, stretches)
    proposal.problems += opened.problems
    _fill_problems(proposal, given)
    return proposal


def _fill_layout(proposal, source, layout, links):
    text = source.given
    for part in layout.parts:
        start, end = source.at(part.start, part.end)
        words = text[start:end]
        if part.role == "title":
            proposal.title, proposal.title_span = words, [start, end]
        elif part.role == "body":
            inside = tuple((s - start, e - start, url) for s, e, url in links if start <= s and e <= end)
            proposal.paragraphs.append(Piece(words, start, end, part.detail, inside))
        elif part.role == "related":
            proposal.related.append(Related(words, part.detail, len(proposal.paragraphs), start, end))
        elif part.role == "cut":
            proposal.cut.append(Cut(words, start, end, part.detail))
    for s, e, role, iso, time, standalone in layout.dates:
        start, end = source.at(s, e)
        proposal.dates.append(
            FoundDate(
                text[start:end],
                start,
                end,
                role,
                f"{iso}T{time}" if iso and time else iso,
                standalone,
                _line_around(text, start, end),
            )
        )
        if role == "updated" and time and not proposal.last_updated:
            proposal.last_updated = f"{iso}T{time}"
    if source.invisible:
        covered = sorted((s, e) for s, e, _, _ in proposal.pieces())
        for at in source.invisible:
            place = bisect_right(covered, (at, len(text))) - 1
            if place < 0 or at >= covered[place][1]:
                proposal.cut.append(Cut(text[at], at, at + 1, "invisible character"))
    proposal.cut.sort(key=lambda cut: cut.start)
    for role in ("posted", "dateline", "sent"):
        proposal.dated = proposal.dated or next((d.iso[:10] for d in proposal.dates if d.role == role and d.iso), None)
    proposal.event_date = next((d.iso[:10] for d in proposal.dates if d.role == "event" and d.iso), None)
    proposal.place = layout.place and " ".join(layout.place.split())
    proposal.summary = next((" ".join(p.text.split()) for p in proposal.paragraphs if p.kind == "p"), None)
    if layout.embargo:
        proposal.embargo = text[slice(*source.at(*layout.embargo))]


def _line_around(text, start, end, reach=60):
    """The words of the line around a span, at most `reach` characters before and after it."""
    before, after = text[max(0, start - reach) : start], text[end : end + reach]
    return " ".join(
        f"{before.splitlines()[-1] if before.strip() and before[-1] != chr(10) else ''}{text[start:end]}"
        f"{after.splitlines()[0] if after.strip() and after[0] != chr(10) else ''}".split()
    )


def _fill_voices(proposal, source, layout, registry):
    """Quotes and people."""
    bodies = [(p.start, p.end, p.detail) for p in layout.parts if p.role == "body"]
    title = next(((p.start, p.end) for p in layout.parts if p.role == "title"), None)
    cast = Cast(source.text, registry, proposal.dated or proposal.event_date, proposal.language)
    reader = Reader(source.text, bodies, title, cast, proposal.language, layout.voice)
    proposal.quotes += _quotes(reader, source, registry)
    text = source.given
    for start, end, reason in reader.left_alone:
        s, e = source.at(start, end)
        proposal.left_alone.append({"text": text[s:e], "start": s, "end": e, "reason": reason})
    proposal.people += _people(cast, source, registry)


def suggest(blocks, registry, day=None):
    """What stands in the blocks of a text being written: {"quotes", "topics", "people"}.

    Nothing is taken for a title or a dateline. A quote is {"places": [[block, start, end], …], "speaker": uid or None,
    "name", "source", "rule", "evidence", "confidence"}; `day` (ISO) is the one on which offices are looked up.
    """
    source = Source("\n\n".join(blocks))
    starts = [0]
    for block in blocks:
        starts.append(starts[-1] + len(block) + 2)
    bodies = [(source.copied(start), source.copied(start + len(block)), "p")
              for start, block in zip(starts, blocks, strict=False) if block.strip()]  # fmt: skip
    if not bodies or len(source.given) > VOICE_LIMIT:
        return {"quotes": [], "topics": [], "people": []}
    language = _language(source.text)
    cast = Cast(source.text, registry, day, language)
    found = []
    for quote in _quotes(Reader(source.text, bodies, None, cast, language), source, registry):
        places = [(bisect_right(starts, start) - 1, start, end) for start, end in quote.spans]
        found.append(
            {
                "places": [[block, start - starts[block], end - starts[block]] for block, start, end in places],
                "speaker": quote.speaker_uid,
                "name": quote.speaker,
                "source": quote.source,
                "rule": quote.rule,
                "evidence": quote.evidence["text"],
                "confidence": quote.confidence,
            }
        )
    people = [
        {"uid": named.uid, "name": named.name, "office": named.office} for named in _people(cast, source, registry)
    ]
    return {"quotes": found, "topics": _topics(registry, source.given, [(0, len(source.given))]), "people": people}


def _quotes(reader, source, registry):
    text, day = source.given, reader.cast.day
    quotes = []
    for draft in reader.drafts:
        spans = [source.at(*part) for span in draft.spans for part in (span.parts or [(span.start, span.end)])]
        person = draft.person
        start, end = source.at(draft.cue.start, draft.cue.end)
        quotes.append(
            Quote(
                segments=[text[s:e] for s, e in spans],
                spans=[list(s) for s in spans],
                kind=draft.kind,
                speaker=person.name if person else None,
                speaker_uid=_uid(person, registry),
                position=_position(person, registry, day),
                source=None if person else draft.source,
                rule=draft.cue.rule,
                evidence={"text": text[start:end], "start": start, "end": end},
                confidence=draft.confidence,
            )
        )
    return quotes


def _people(cast, source, registry):
    people = []
    for person in sorted(cast.people, key=lambda p: p.start):
        start, end = source.at(person.start, person.end)
        people.append(
            Named(
                person.name,
                person.offices[0] if person.offices else None,
                _position(person, registry, cast.day),
                _uid(person, registry),
                start,
                end,
                _match(person, registry, source.given[start:end]),
            )
        )
    return people


def _match(person, registry, written):
    """How the registry knows somebody: by name, by an alias, by the office held that day; or that they are new."""
    if person.registered is None:
        return "new"
    words, (_uid, name) = name_key(written), registry.person(person.registered)
    if name_key(name) == words:
        return "name"
    return "alias" if any(key == person.registered for _, key in registry.named(list(words))) else "office"


def _uid(person, registry):
    return registry.person(person.registered)[0] if person and person.registered is not None else None


def _position(person, registry, day):
    """The canonical office: as the registry has it for that day, else from the words of the text."""
    if person is None:
        return None
    written = person.offices[0] if person.offices else None
    if person.registered is not None and (held := registry.offices(person.registered, day)):
        keys = [office_key(office) for office in person.offices]
        fitting = [h for h in held if any(h.key[0] <= t | i or t | i <= h.key[0] | h.key[1] for t, i in keys)]
        if fitting or not any(institution for _title, institution in keys):
            return (fitting or held)[0].position  # else the text names another office, and where
    return canonical_position(written)


def _topics(registry, given, stretches):
    """The topics whose name or alias stands in one of the stretches, with the first place where it does."""
    topics = []
    for path, name, names in registry.topics_in(given[start:end] for start, end in stretches):
        spellings = "|".join(r"\s+".join(map(re.escape, one.split())) for one in names)
        spelt = re.compile(rf"(?<!\w)(?:{spellings})(?!\w)", re.IGNORECASE)
        found = next((m for start, end in stretches if (m := spelt.search(given, start, end))), None)
        if found:
            topics.append(
                {"path": path, "name": name, "evidence": found[0], "start": found.start(), "end": found.end()}
            )
    return topics


def _fill_problems(proposal, given):
    """What an editor has to know or decide, in words for an editor."""
    problems = proposal.problems
    if not proposal.title:
        problems.append("No title was found: the text begins with a paragraph. Please write one.")
    if not proposal.dated:
        unclear = [d.text for d in proposal.dates if d.standalone and not d.iso]
        problems.append(
            f"The date “{unclear[0]}” can be read in two ways or is none. Please give the date."
            if unclear else "No date of release was found. Please give the date printed on it."
        )  # fmt: skip
    if not proposal.paragraphs:
        problems.append("No text was found below the title.")
    if proposal.embargo:
        also = " The text also says it is for immediate release." if IMMEDIATE.search(given) else ""
        problems.append(f"An embargo is printed: “{proposal.embargo}”. Decide when this may be public.{also}")
    if MOJIBAKE.search(given):
        problems.append(
            "Some characters look damaged (such as “â€œ” for a quotation mark). Send the text again as UTF-8, or let "
            "them be repaired."
        )
    if "\0" in given:
        problems.append("The text holds NUL characters, which cannot be stored. Please remove them.")
