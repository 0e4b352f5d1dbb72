"""Who said what: the clause that claims the words in marks, and the person behind it."""

import re
from bisect import bisect_right
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from articles.releases.cast import PREPOSITIONS, VERBS, Mention, tokenise
from articles.releases.clauses import Context, Paragraph
from articles.releases.layout import FIRST_PERSON, OPEN_MARKS, SPEECH
from articles.releases.marks import Span, pair_marks, shrink
from articles.releases.offices import is_office
from articles.releases.words import (
    CALLING,
    FRENCH_VERB,
    PRONOUNS,
    REPORTING,
    SAY,
    SAYING,
    SPEAKING,
    fold,
    word_set,
)

# No release is like that; beyond these no speakers are sought, so that no text can hold the reader up.
VOICE_LIMIT, PARAGRAPH_LIMIT, SPAN_LIMIT = 300_000, 20_000, 200

_ADVERBS = (
    r"(?:also|further|furthermore|then|later|today|yesterday|again|once|recently|in turn|for (?:his|her|"
    r"their) part|himself|herself|"
    r"\w+ly|on \w+day|this \w+|has|have|had|went on to|going on to|goes on to|who|"
    r"a|ont|avait|lui|elle|en|y|s['’]|se|s['’]est|est|également|aussi|ensuite|encore|pour sa part|quant à (?:lui|elle))"
)
_CLEAN = re.compile(
    rf"(?:\s*\([^()]*\))?(?P<of>\s+(?:of|for|at|from|in|with|de|du|des|d['’]|chez|pour)\s[^,;:“”\"«»]{{1,90}}?)?"
    rf"(?P<app>\s*,[^“”\"«»:;!?]{{1,220}},)?\s*(?:{_ADVERBS}\s+)*(?:\w+['’])?$",
    re.IGNORECASE,
)
_AFTER_VERB = re.compile(rf"\s*(?:{_ADVERBS}\s+)*$", re.IGNORECASE)
_TITLED = re.compile(
    r"(?i)\b(?:entitled|titled|so[- ]called|named|dubbed|nicknamed|known as|branded|theme(?:d)?(?: of| was|"
    r" is)?|under the theme|slogan|motto|"
    r"tagline|report|book|film|song|session|project|programme|program|initiative|campaign|exhibition|"
    r"words?|terms?|phrase|brand|"
    r"guide|lecture|panel|conference|workshop|hashtag|act|album|article|paper|study|series|"
    r"intitulée?s?|baptisée?s?|dite?|"
    r"nommée?|thème|rapport|projet|lancement de|label|advertised a|the)[\s,:]*$"
)
_SAID = re.compile(r",\s(?:said|stated|added|a déclaré|a ajouté)\s(?:the\s)?")
_FOLLOWING = re.compile(r"(?i)\b(?:following (?:statement|remarks|comments?)|(?:déclaration|allocution) suivante)\b")
_WORK = re.compile(
    r"(?i)\b(?:report|book|film|study|song|album|campaign|exhibition|rapport|livre|étude|exposition|campagne|thème|intitulée?s?),?\s*$"
)
_CALLED = re.compile(
    r"(?i)\bcalled\s*$|\b(?:what|which|that) (?:[\w’'-]+ ){1,4}(?:calls?|called|terms?|dubs?|refers? to as)\s*$"
)
_STATEMENT = re.compile(
    r"(?i)\b(?:(?:released?|issued?|made|gave|delivered|publié|a publié|publie|fait|provided|"
    r"offered)\b.{0,40}?\b(?:statement|remarks|déclaration|comments?)\b|"
    r"following statement|the following (?:remarks|comments?))"
)
_STATEMENT_HEADLINE = re.compile(
    r"(?i)\b(?:statement|remarks|speech|message|address|déclaration|discours|allocution)\s+(?:from|by|of|de|du)\b"
)
_PUT_IT = re.compile(r"(?i)\b(?:as|in the words of|according to|selon|d['’]après|pour|comme)\s+(?=\S)")
#: French: "affirme-t-elle", "a-t-il fait valoir devant eux", "se souvient Anne Berg"; never "peut-il", "y a-t-il"
_INVERTED = (
    r"(?:(?:(?:lui|leur|nous|y|en)\s+)?(?:a|avait|ont|avaient)-(?:t-)?(?P<{0}>ils?|elles?)\s+(?:\w+\s+){{0,2}}?\w+(?:é|i|u|it|is|t)\b|"
    r"(?:(?:se|lui|leur|nous|me)\s+|[smy]['’]\s?)?(?!(?:est|sera|peut|doit|faut|veut|va|a|ont|avait|fut|soit|fallait|pourrait|devrait|pourra)-)"
    r"[a-zà-ÿ]{{3,}}(?:-t)?-(?P<{1}>ils?|elles?)\b)"
)
_BEFORE_INCISE = re.compile(r"[,»”\"!?…](?:\s?[»”,])?\s*(?=[a-zà-ÿ])")
_INCISE = re.compile(
    rf"(?P<clause>{_INVERTED.format('p1', 'p2')}[^,.«»]{{0,60}}?|"
    rf"(?:(?:lui|leur|nous|me)\s+)?(?:(?:se|lui)\s+|s['’]\s?)?(?:(?:a|ont|avait|est)\s+(?:\w+\s+)?)?(?:{FRENCH_VERB})\s+"
    rf"(?:(?:devant|lors|dans|à|au|aux|en|hier|mardi|lundi|mercredi|jeudi|vendredi)\b[^,.«»A-Z]{{0,40}}\s)?"
    rf"(?P<noun>(?:M\.|Mme|Mmes|MM\.|Me|Dre?|Pre?|le|la|les|un|une|son|sa|l['’]|[A-ZÀ-Þ])[^,.«»]{{2,80}}?(?:,\s+(?=[a-zà-ÿ])(?P<app>[^,.«»]{{3,120}}?))?))"
    rf"(?P<stop>\s*[.,]\s+|\s*[.]?$)"
)
_SAID_HE = re.compile(rf"\s*,?\s*(?P<c>{_INVERTED.format('p1', 'p2')}[^.«»]*)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ATTRIBUTION = re.compile(r"[\s\n]*[—–-]{1,2}\s*(?=[A-ZÀ-Þ])")


class _Cue(NamedTuple):
    rule: str
    mention: Mention | None
    start: int
    end: int
    weight: float
    full: bool


class _Draft:
    """A quote while its segments are collected."""

    def __init__(self, span, cue, kind):
        self.spans = [span]
        self.cue = cue
        self.kind = kind
        self.person = None
        self.source = None
        self.confidence = 0.0


class Reader:
    """Turns the marked spans of the body into quotes with a speaker, in reading order."""

    def __init__(self, text, bodies, title, cast, language, voice=0):
        self.text = text
        self.bodies = bodies
        self.cast = cast
        self.french = language == "fr"
        self.drafts = []
        self.left_alone = []
        self._events = []  # (position, person, gender): who was last the subject
        title_mentions = cast.mentions(*title, tokenise(text, *title)) if title else []
        self._paragraphs = []
        for index, (start, end, kind) in enumerate(bodies):
            goes_on = index + 1 < len(bodies) and text[bodies[index + 1][0]] in OPEN_MARKS + "‘"
            readable = kind != "h2" and end - start < PARAGRAPH_LIMIT
            spans = pair_marks(text, start, end, index, goes_on) if readable else []
            spans = spans if len(spans) < SPAN_LIMIT else []
            short = end - start < PARAGRAPH_LIMIT
            self._paragraphs.append(Paragraph(text, index, start, end, kind, spans, short))
        for paragraph in self._paragraphs:
            paragraph.mentions = cast.mentions(paragraph.start, paragraph.end, paragraph.tokens)
            if paragraph.start < voice < paragraph.end:
                paragraph.begin_at(voice)
        body = text[bodies[0][0] : bodies[-1][1]] if bodies else ""
        # A headline in capitals makes names of its verbs: only what the text below repeats counts.
        repeated = [m for m in title_mentions if m.person or m.text in body]
        cast.introduce([*repeated, *(m for p in self._paragraphs for m in p.mentions)])
        self._headline = self._headline_speaker(title, title_mentions)
        self._statement = None  # (paragraph index, cue): a statement was announced
        self._blocks = set()  # paragraphs that are one statement without marks
        lost = not any(c in body for c in OPEN_MARKS)
        for paragraph in self._paragraphs:
            if paragraph.index not in self._blocks:
                self._paragraph(paragraph)
                if lost:
                    self._lost_marks(paragraph)

    def _headline_speaker(self, title, mentions):
        if title and (match := _STATEMENT_HEADLINE.search(self.text, *title)):
            named = [m for m in mentions if m.start >= match.end() - 1 and m.start - match.end() < 30]
            if named and (named[0].kind in ("name", "office")):
                return named[0]
        return None

    def _paragraph(self, paragraph):
        index, start, end, spans = paragraph.index, paragraph.start, paragraph.end, paragraph.spans
        bounds = paragraph.bounds
        used = start
        previous = None
        sentence_index = 0
        for number, span in enumerate(spans):
            begin = max([b for b in bounds if b <= span.open] or [start])
            sentence_index = self._note_subjects(paragraph, span.open, sentence_index)
            following = spans[number + 1].open if number + 1 < len(spans) else end
            stop = min([b for b in bounds if b >= span.close] + [end])
            context = Context(paragraph, max(begin, used), span, min(stop, following), begin)
            words = len(_WORD.findall(self.text[span.start : span.end]))
            if self._negative_first(span, context, words):
                continue
            cue = self._cue(span, context, paragraph.mentions)
            consumed = cue.end if cue and cue.rule.startswith("after") else span.close
            if (
                cue is None
                and previous
                and previous.spans[-1].paragraph == index
                and self._continues(previous, context, bounds)
            ):
                previous.spans.append(span)
                used = span.close
                continue
            if cue is None and index and self._opens_again(index, number):
                self.drafts[-1].spans.append(span)
                previous = self.drafts[-1]
                used = span.close
                continue
            if cue is None:
                cue = self._embedded(context, words)
            if cue is None:
                cue = self._uncued(context, index, words)
            if cue is None:
                self._leave(span, "no one is said to say it")
                continue
            partial = not cue.full
            draft = _Draft(span, cue, "partial" if partial else "full")
            self._attribute(draft)
            if partial and words < 2 and not draft.person:
                self._leave(span, "too short")
                continue
            self.drafts.append(draft)
            previous = draft
            used = max(consumed, span.close)
        self._note_subjects(paragraph, end, sentence_index)
        self._announce(paragraph)

    def _lost_marks(self, paragraph):
        """A text without a single mark may have lost them on its way: "A, said Anna Berg, head of the office. B" is
        then what was said, to the end of the paragraph. An editor has to see it: the confidence is low."""
        start, end = paragraph.start, paragraph.end
        clauses = list(_SAID.finditer(self.text, start + 20, end)) if paragraph.kind == "p" else []
        clause = clauses[0] if len(clauses) == 1 else None
        mention = clause and next((m for m in paragraph.mentions if clause.end() <= m.start < clause.end() + 4), None)
        if not mention or mention.kind not in ("name", "office", "bare"):
            return
        here = Span(start, start, start, start, paragraph.index)
        mention = self._named_instead(Context(paragraph, start, here, end), mention)
        person = self.cast.resolve(mention)[0] if mention.kind != "group" else None
        if not person:
            return
        after = next((bound for bound in paragraph.bounds if bound > mention.end), end)
        edges = ((start, clause.start() + 1), (after, end))
        spans = [Span(*edge, *edge, paragraph.index) for edge in edges]
        spans = [span for span in (shrink(self.text, span) for span in spans if span.start < span.end) if span]
        draft = _Draft(
            spans[0],
            _Cue("lost marks", mention, clause.start() + 1, max(mention.end, min(after, end)), 0.4, True),
            "full",
        )
        draft.spans = spans
        self._attribute(draft)
        self.drafts.append(draft)

    # Negatives: words in marks that nobody says.

    def _negative_first(self, span, context, words):
        before = context.before.rstrip(" ")
        content = self.text[span.start : span.end]
        if self.text[span.open - 1 : span.open] == "(" and context.after.lstrip()[:1] == ")" and words < 8:
            return self._leave(span, "defined term")
        if words < 8 and re.search(r"[{}=<>;]|^[.#]\w", content):
            return self._leave(span, "code")
        said = re.search(r"(?i)\b(?:said|says|added|stated|adding|saying|déclare|déclaré)\s*[:,]?$", before)
        if said:
            return False
        if words < 8 and content[-1:] not in ",.!?…" and _WORK.search(before):
            return self._leave(span, "title")
        direct = before.endswith((":", ",")) and words >= 4
        cue_after = self._right(context) if content[-1:] in ",.!?…" or context.after[:1] == "," else None
        if cue_after and (words >= 3 or content[-1:] in ",.!?"):
            return False
        if (
            _TITLED.search(before)
            and not (before.endswith("the") and words >= 8)
            and (words < 14 or _title_case(content))
        ) and (not re.search(r"(?i)\bthe$", before) or words < 5 or _title_case(content)):
            return self._leave(span, "title")
        if _CALLED.search(before) and words < 5:
            return self._leave(span, "name")
        if _title_case(content) and words < 14 and not (direct and content[-1:] in ".!?,"):
            return self._leave(span, "title")
        return False

    def _leave(self, span, reason):
        self.left_alone.append((span.start, span.end, reason))
        return True

    def _cue(self, span, context, mentions):
        """The clause that says who speaks. Words that end in a comma inside the marks wait for a clause after them."""
        if self.french and (cue := self._incise(span, mentions)):
            return cue
        if self.text[span.end - 1] == ",":
            return self._right(context) or self._left(context)
        return self._left(context) or self._right(context)

    # Cues before the words.

    def _left(self, context):
        before = context.before.rstrip()
        if not before:
            return None
        mark = before[-1]
        if mark == "_":
            return None
        if (
            _AND_ADDS.fullmatch(before.strip(" ,"))
            and self.drafts
            and self.drafts[-1].spans[-1].paragraph >= context.span.paragraph - 1
        ):
            last = self.drafts[-1].cue
            return _Cue("before: and adds", last.mention, last.start, last.end, 0.8, True)
        begin, at = context.begin, context.begin + len(before)
        tokens = context.between(begin, at)
        if mark in ":," and (match := [m for m in _PUT_IT.finditer(before) if len(before) - m.end() < 120]):
            mention = next((m for m in context.mentions if abs(m.start - (begin + match[-1].end())) < 5), None)
            tail = before[mention.end - begin :] if mention else ""
            if mention and re.fullmatch(
                r"(?:,[^“”\"]{1,120})?(?:\s+(?:puts?|said|says|explained|noted|l['’]\w+)(?:\s+it)?)?\s*[,:]", tail
            ):
                return _Cue("before: put it", mention, begin, at, 0.9, True)
        verbs = [t for t in tokens if t.low in REPORTING and not t.capital and not t.possessive]
        for verb in reversed(verbs):
            rest = before[verb.end - begin :]
            if (
                mark == ":"
                and len(rest) > 220
                or mark == ","
                and len(rest) > 70
                or mark not in ":,"
                and rest.strip() not in ("", "that", "que")
            ):
                continue
            if mark == "," and verb.low in CALLING:
                continue
            if mark not in ":," and (verb.low in CALLING or not self._sentence_like(context.span)):
                continue
            mention = self._subject_before(context, verb)
            if mention is None and verb.low in SAYING:
                mention = self._first_subject(context)
            if mention is None and mark in ":,":
                mention = self._first_subject(context)
                if mention is None:
                    continue
                return _Cue("before: said", mention, begin, at, 0.8, True)
            if mention:
                return _Cue("before: said", mention, begin, at, 0.95 if mark in ":," else 0.85, True)
        if mark == ":" and (mention := self._first_subject(context)):
            others = [
                m
                for m in context.before_mentions()
                if m.kind == "name" and m is not mention and m.person is not mention.person
            ]
            if not others:
                return _Cue("before: colon", mention, begin, at, 0.8, True)
        if mark in ':”"»' and _STATEMENT.search(before) and (mention := self._first_subject(context)):
            return _Cue("before: statement", mention, begin, at, 0.9, True)
        return None

    def _sentence_like(self, span):
        content = self.text[span.start : span.end]
        return content[:1].isupper() and content[-1:] in ".!?,…"

    def _subject_before(self, context, verb):
        """The mention whose clause the verb closes: nothing but an apposition, a place or adverbs may stand between."""
        candidates = [m for m in context.sentence_mentions if m.end <= verb.start]
        for mention in reversed(candidates):
            if mention.possessive:
                continue
            between = context.slice(mention.end, verb.start)
            clean = _CLEAN.match(between)
            if not clean or (clean["of"] and mention.kind == "bare"):
                continue
            if clean["app"] and re.search(r"\w.*\b(?:who|which|qui)\b", between.lstrip(" ,")[4:]):
                continue  # somebody else's clause has begun
            lead = context.slice(context.sentence, mention.start)
            last = re.search(r"([\w’'-]+)\s*$", lead)
            word = last[1].lower() if last else ""
            if mention.kind != "pronoun" and word in PREPOSITIONS and word not in ("and", "et", "but"):
                continue
            if word in ("and", "et", "&") and mention.kind in ("name", "bare"):
                earlier = [
                    m
                    for m in candidates
                    if m.end < mention.start
                    and context.slice(m.end, mention.start).strip() in ("and", "et", "&", ", and")
                    or m.end < mention.start
                    and re.fullmatch(
                        r"(?:\s*,[^,]{1,120},|\s*\([^)]*\))?\s*(?:and|et)\s*", context.slice(m.end, mention.start)
                    )
                ]
                if earlier and earlier[-1].kind in ("name", "bare"):
                    first = earlier[0]
                    return Mention(first.start, mention.end, "group", self.text[first.start : mention.end])
            if clean["app"] and mention.kind in ("office", "group"):
                inner = [m for m in candidates if m.start >= mention.end and m.kind == "name"]
                if (
                    inner
                    and context.slice(mention.end, inner[0].start).strip() == ","
                    and re.fullmatch(r"\s*,\s*", context.slice(inner[-1].end, verb.start)[:2].strip() or ",")
                ):
                    return replace(inner[0], start=mention.start)
            if name := self._apposed(context, mention):
                return name if name.end <= verb.start else mention
            if clean["of"] and mention.kind in ("office", "group"):
                stop = mention.end + len(clean["of"].rstrip())
                return _widen(mention, stop, self.text)
            return mention
        return None

    def _first_subject(self, context):
        """The mention a sentence begins with, maybe after one introductory phrase."""
        for mention in context.sentence_mentions:
            if mention.end > context.span.open:
                break
            if mention.possessive:
                continue
            lead = _MASKED.sub("", context.slice(context.sentence, mention.start)).strip(" ’'\n")
            if not lead or _LEAD.fullmatch(lead) and not re.search(r"(?i)\b(?:with|to|by|from|for|of|that)$", lead):
                alone = mention.kind == "bare" and mention.start <= context.sentence + 1 and " " not in mention.text
                if alone and not self.cast._match(mention):
                    continue  # any word is a capital where a sentence begins
                if joint := self._joint(context, mention):
                    return joint
                if name := self._apposed(context, mention):
                    return name
                return mention if mention.kind != "bare" or mention.weight else _as_group(mention)
            if mention.kind == "name":
                break
        return None

    def _apposed(self, context, mention):
        """The name behind an office: "the director of the Fund, Anna Berg,", "la vétérinaire cantonale Anne Berg"."""
        if mention.kind not in ("office", "group"):
            return None
        for later in context.mentions:
            if later.start < mention.end or later.kind in ("bare", "office"):
                continue
            gap = context.slice(mention.end, later.start)
            beside = _APPOSED.fullmatch(gap) or (mention.kind == "office" and _FOR_WHOM.fullmatch(gap))
            return later if later.kind == "name" and beside else None
        return None

    def _joint(self, context, mention):
        """ "A and B issued a statement": two people speak as one source, and neither alone."""
        later = next((m for m in context.sentence_mentions if m.start >= mention.end), None)
        named = later and later.kind in ("name", "bare") and later.weight and mention.kind in ("name", "bare", "office")
        if named and _JOINT.fullmatch(context.slice(mention.end, later.start)):
            return Mention(mention.start, later.end, "group", self.text[mention.start : later.end])
        return None

    # Cues after the words.

    def _right(self, context):
        after = context.after
        lead = re.match(r"[\s,–—]*", after)
        if not after.strip(" .,\n"):
            return self._attribution_line(context)
        at = context.span.close + lead.end()
        if match := re.compile(r"(?i)according to\s+|selon\s+|d['’]après\s+").match(after, lead.end()):
            mention = self._mention_at(context, context.span.close + match.end())
            if mention:
                return _Cue("after: according to", mention, at, mention.end, 0.9, True)
        if match := re.match(r"\s*(?:[—–]\s*|-\s+|,?\s*\*\*)(?:The\s+)?(?=[A-ZÀ-Þ])", after):
            mention = self._mention_at(context, context.span.close + match.end())
            if mention and mention.kind == "name":
                return _Cue("after: name line", mention, at, mention.end, 0.85, True)
        tokens = context.between(at, min(context.stop, at + 260))
        if not tokens:
            return None
        content = self.text[context.span.start : context.span.end]
        ended = content[-1:] in ".!?" and not after.lstrip(" ").startswith(",")
        first = 0
        while first < min(3, len(tokens)) and tokens[first].low in _AUXILIARIES:
            first += 1
        if first < len(tokens) and tokens[first].low in SAY and not tokens[first].capital:
            verb = tokens[first]
            mention = self._mention_at(context, verb.end)
            if mention:
                mention = self._named_instead(context, mention)
                return _Cue("after: said X", mention, at, max(mention.end, verb.end), 0.97, True)
            if match := _UNNAMED.match(self.text, verb.end, context.stop):
                group = Mention(match.start(1), match.end(1), "group", match[1])
                return _Cue("after: said X", group, at, match.end(1), 0.8, True)
        if self.french and (match := _SAID_HE.match(after)):
            who = match["p1"] or match["p2"]
            gender = PRONOUNS.get(who.lower(), "")
            start = context.span.close + match.start("c")
            mention = Mention(start, start + 1, "pronoun", who, gender=gender)
            return _Cue("after: X said", mention, start, context.span.close + match.end(), 0.9, True)
        for verb in tokens[:30]:
            if verb.low in SAY and not verb.capital and not verb.possessive:
                mention = self._subject_before(
                    Context(context.paragraph, at, context.span, context.stop, at, context.after_mentions()),
                    verb,
                )
                if mention is None or context.slice(at, mention.start).strip(" ,").lower() not in (
                    "",
                    "the",
                    "a",
                    "an",
                    "le",
                    "la",
                    "les",
                ):
                    return None
                rest = context.slice(verb.end, context.stop)
                if rest.lstrip()[:1] == ":" or re.search(r"[:“\"«]\s*$", rest) and ended:
                    return None
                if ended and not re.match(
                    r"\s*(?:[.,]|in (?:a|an|his|her|the)\b|at\b|during\b|on \w+day|\w+day\b|today|$)", rest
                ):
                    return None
                return _Cue("after: X said", mention, at, verb.end, 0.95 if not ended else 0.85, True)
        if not ended and (match := _UNNAMED_SAYS.match(self.text, at, context.stop)):
            verb = fold(match[2])
            if verb in SAY:
                group = Mention(match.start(1), match.end(1), "group", match[1])
                return _Cue("after: X said", group, at, match.end(2), 0.8, True)
        return None

    def _attribution_line(self, context):
        """ "— Name, Title" in the paragraph below words that fill theirs; without the dash only "Name, Title" alone."""
        index = context.span.paragraph + 1
        if context.after.strip(" .") or index >= len(self._paragraphs):
            return None
        below = self._paragraphs[index]
        start, end, spans, mentions = below.start, below.end, below.spans, below.mentions
        if end - start > 200 or not mentions or mentions[0].kind not in ("name", "bare"):
            return None
        first = mentions[0]
        if match := _ATTRIBUTION.match(self.text, start, end):
            if first.start <= match.end() + 30 and first.kind == "name":
                return _Cue("after: name line", first, start, end, 0.9, True)
            return None
        words = [token for token in below.tokens if token.start >= first.end]
        plain = not any((w.low in REPORTING or w.low in VERBS) and not w.capital for w in words)
        titled = self.text[first.end : first.end + 1] == "," and (first.office or first.person)
        if (
            not self.text[start : first.start].strip("*_ ")
            and titled
            and plain
            and len(words) < 22
            and self.text[end - 1] != ":"
        ):
            if spans and spans[0].open < first.end + 30:
                return None
            return _Cue("after: name line", first, start, end, 0.8, True)
        return None

    def _mention_at(self, context, position):
        for mention in context.mentions:
            if mention.end <= position:
                continue
            before = context.slice(position, mention.start)
            if mention.possessive and mention.start >= position:
                continue  # "said the Alliance's legal director, Anna Berg"
            if mention.start < position + 40 and _AFTER_VERB.match(_DETERMINED.sub("", before)):
                return mention if mention.start >= position else None
            # "explained the plant's senior fitter, Anna Berg": words we do not know as an office, and then a name.
            if mention.kind in ("name", "pronoun", "group"):
                unknown = mention.kind == "name" and _SOMEBODY.fullmatch(before)
                return mention if unknown and unknown["last"].lower() not in PREPOSITIONS else None
        return None

    def _named_instead(self, context, mention):
        """An office never outranks a name in the same clause: "said the minister, Anna Berg"; two names are a group."""
        later = [m for m in context.mentions if m.start >= mention.end and m.start < context.stop]
        named = mention.kind in ("office", "group") and later and later[0].kind == "name"
        if named and context.slice(mention.end, later[0].start).strip() == ",":
            return later[0]
        if mention.kind in ("name", "bare") and later and later[0].kind in ("name", "bare"):
            if mention.kind == "bare" and later[0].office and " " not in mention.text and not self.cast._match(mention):
                return later[0]  # "said Parks and Recreation Director Anna Berg"
            gap = context.slice(mention.end, later[0].start)
            if re.fullmatch(r"\s*(?:\([^)]*\)\s*)?(?:and|et|&)\s*", gap):
                return Mention(mention.start, later[0].end, "group", self.text[mention.start : later[0].end])
        if name := self._apposed(context, mention):
            return name
        if mention.kind in ("office", "group"):
            extra = re.compile(r"\s+(?:for|of|at|from|de|du|des)\s[^,.;:“”\"«»\n]{1,80}").match(
                self.text, mention.end, context.stop
            )
            if extra:
                return _widen(mention, extra.end(), self.text)
        return mention

    def _incise(self, span, mentions):
        """French puts the cue inside the marks: « A, affirme-t-elle. B » is two verbatim stretches, "A," and "B"."""
        for mark in _BEFORE_INCISE.finditer(self.text, span.start, span.end):
            match = _INCISE.match(self.text, mark.end(), span.end)
            if not match or (not match["stop"].strip() and match.end() < span.end):
                continue
            end = match.end("clause")
            start = match.start("clause")
            who = match["p1"] or match["p2"]
            if who:
                mention = Mention(start, end, "pronoun", who, gender=PRONOUNS.get(who.lower(), ""))
            else:
                if match["app"] and not is_office(fold(match["app"].split()[0].replace("’", "'"))):
                    end = match.start("app")  # what follows the comma is said, not who says it
                    end -= len(self.text[:end]) - len(self.text[:end].rstrip(" ,"))
                mention = next((m for m in mentions if start <= m.start < end), None)
                if mention is None or mention.start > match.start("noun") + 4:
                    continue
            rest = re.compile(r"[\s.,]*").match(self.text, end, span.end).end()
            edge = mark.start() + len(mark[0].rstrip())
            span.parts = [p for p in ((span.start, edge), (rest, span.end)) if p[0] < p[1]]
            return _Cue("incise", mention, start, end, 0.9, True)
        return None

    # Words inside a sentence, and words without a cue.

    def _embedded(self, context, words):
        before = context.before.rstrip()
        if not before or (before[-1] in ":." and not before.endswith("U.S.")):
            return None
        tokens = context.between(context.begin, context.span.open)
        verbs = [t for t in tokens if t.low in REPORTING and not t.capital and not t.possessive]
        adjacent = bool(verbs) and len(tokens) and verbs[-1] in tokens[-4:]
        if words < 4:
            touching = bool(verbs) and verbs[-1] is tokens[-1] and self.text[context.span.start].islower()
            named = adjacent and verbs[-1].low in CALLING | {"said", "as"}
            if words < 2 or not (named or touching):
                return None
        near = tokens[-14].start if len(tokens) >= 14 else 0
        for verb in reversed([v for v in verbs if v.start >= near]):
            mention = self._subject_before(context, verb)
            anothers = re.search(r",\s+(?:who|which|qui)\s+(?:\w+\s+)?$", context.slice(context.sentence, verb.start))
            if mention is None and not anothers and (verb.low in SAYING or verb is verbs[0]):
                mention = self._first_subject(context)
            if mention and mention.kind == "bare" and not mention.weight:
                mention = _as_group(mention)
            if mention:
                return _Cue("inside: clause", mention, context.sentence, context.span.open, 0.85, False)
            found = not anothers and context.match(_SOME_GROUP, context.sentence, verb.start)
            if found:
                mention = Mention(*found[1:], "group", self.text[found[1] : found[2]])
                return _Cue("inside: clause", mention, context.sentence, context.span.open, 0.7, False)
        return None

    def _uncued(self, context, index, words):
        """A sentence or paragraph in marks that nobody claims: an announced statement, or whoever spoke before."""
        before = context.before.strip()
        span = context.span
        if before and before[-1] not in ":,—–" and (words < 8 or not span.closed):
            return None
        if before and before[-1] not in ":,.—–-" and not self._announced(index):
            return (
                _Cue("inside: no cue", None, span.open, span.close, 0.3, False)
                if words >= 8 and before[-1:] != "("
                else None
            )
        if words < 3 or (words < 8 and not (span.open == context.paragraph.start or self._sentence_like(span))):
            return None
        if self._statement and index - self._statement[0] <= 1:
            cue = self._statement[1]
            return cue._replace(rule="statement", weight=0.85)
        whole = span.open <= context.paragraph.start + 1 and span.close >= context.paragraph.end - 1
        if words >= 5 and self.drafts and (whole or not before):
            last = self.drafts[-1]
            near = index - last.spans[-1].paragraph
            if near <= 1 and last.kind == "full" and self._nothing_between(last, span):
                return _Cue("same as before", last.cue.mention, last.cue.start, last.cue.end, 0.55, True)
        if words >= 4 and not before and (cue := self._sentence_before(context)):
            return cue
        if self._headline and words >= 5:
            return _Cue("headline", self._headline, self._headline.start, self._headline.end, 0.5, True)
        if words >= 8 or (whole and words >= 5):
            return _Cue("no cue", None, span.open, span.close, 0.4, True)
        return None

    def _sentence_before(self, context):
        """ "The mayor disagreed. “We shall see.”": who is said to speak in the sentence right before the words."""
        bounds = [b for b in context.paragraph.bounds if b < context.span.open]
        if len(bounds) < 2 or bounds[-1] < context.span.open - 2:
            bounds.append(context.span.open)
        if len(bounds) < 2:
            return None
        begin, stop = bounds[-2:]
        here = Span(stop, stop, stop, stop, context.span.paragraph)
        sentence = Context(context.paragraph, begin, here, stop)
        words = context.between(begin, stop)
        verb = next((w for w in words if (w.low in REPORTING or w.low in SPEAKING) and not w.capital), None)
        mention = self._first_subject(sentence) if verb else None
        known = mention and (mention.kind in ("name", "office", "pronoun") or self.cast._match(mention))
        if known and mention.end <= verb.start:
            return _Cue("sentence before", mention, begin, stop, 0.6, True)
        return None

    def _announced(self, index):
        return self._statement is not None and index - self._statement[0] <= 1

    def _nothing_between(self, last, span):
        """Only the cue clause itself may stand between two stretches that share a speaker."""
        between = self.text[
            max(last.spans[-1].close, last.cue.end if last.cue.end > last.spans[-1].open else 0) : span.open
        ]
        return len(between.strip(" \n.,;")) == 0

    def _continues(self, previous, context, bounds):
        """ "A," said X. "B.": the second half has no cue of its own and follows the cue's sentence at once."""
        last = previous.spans[-1]
        if not previous.cue.rule.startswith(("after", "incise")) or previous.cue.start < last.close:
            return False
        crossed = sum(1 for b in bounds if last.close < b <= context.span.open)
        rest = context.before
        if rest.strip(" .,;\n_"):
            # An abbreviation at the end of an office hides the full stop: "X, chair of Y Inc. “B”".
            verbs = any(t.low in REPORTING or t.low in VERBS for t in tokenise(rest, 0, len(rest)))
            return crossed == 0 and rest.lstrip()[0] in ",(" and rest.rstrip()[-1] in ".," and not verbs
        return crossed <= 1

    def _opens_again(self, index, number):
        """A paragraph whose last mark stayed open goes on in the next one that opens with a mark."""
        if number or not self.drafts:
            return False
        last = self.drafts[-1].spans[-1]
        here = self._paragraphs[index]
        return not last.closed and last.paragraph == index - 1 and here.spans[0].open == here.start

    def _announce(self, paragraph):
        """Remember that a statement was announced, and take an unmarked block after "X said:"."""
        index, start, end, bounds = paragraph.index, paragraph.start, paragraph.end, paragraph.bounds
        here = Span(end, end, end, end, index)
        given = list(takewhile(lambda d: d.spans[0].paragraph == index, reversed(self.drafts)))
        if self._statement:
            follows = given and all(d.cue.rule == "statement" for d in given)
            self._statement = (index, self._statement[1]) if follows else None if given else self._statement
        announced = [
            m
            for m in _STATEMENT.finditer(paragraph.masked)
            if not any(d.spans[0].open >= start + m.end() for d in given)
        ]
        if announced:
            at = start + announced[-1].start()
            sentence = max((b for b in bounds if b <= at), default=start)
            context = Context(paragraph, sentence, here, end)
            named = (m for m in context.mentions if sentence <= m.start < at and m.kind == "name")
            if mention := self._first_subject(context) or next(named, None):
                self._statement = (index, _Cue("statement", mention, sentence, start + announced[-1].end(), 0.85, True))
        following = self._paragraphs[index + 1] if index + 1 < len(self._paragraphs) else None
        if self.text[end - 1] != ":" or not following or following.kind == "h2":
            return
        context = Context(paragraph, max(b for b in bounds if b < end), here, end)
        cue = self._left(context)
        if (cue is None or cue.mention.kind == "group") and self._statement and self._statement[0] == index:
            cue = self._statement[1]
        if cue is None and (match := _STATEMENT_HEADLINE.search(paragraph.masked)):
            named = [m for m in context.mentions if m.kind in ("name", "office") and m.start - start >= match.end() - 1]
            cue = named and _Cue("before: statement", named[0], start, end, 0.8, True)
        if not cue:
            return
        if following.spans and following.spans[0].open == following.start:
            self._statement = (index, cue)
        elif cue.rule in ("before: said", "before: statement", "statement") and cue.mention.kind != "group":
            self._take_block(index + 1, cue)

    def _take_block(self, index, cue):
        """The unmarked paragraphs that follow "X said:", as ministries print them: the first, those after it that speak
        in the first person, and all of them where the next thing is another's block."""
        block = []
        before = self._paragraphs[index - 1]
        announced = _FOLLOWING.search(self.text, max(before.start, before.end - 80), before.end)
        for number in range(index, len(self._paragraphs)):
            paragraph = self._paragraphs[number]
            start, end = paragraph.start, paragraph.end
            spoken = number == index or announced or FIRST_PERSON.search(self.text, start, end)
            if (
                paragraph.kind not in ("p", "blockquote")
                or self.text[start] in OPEN_MARKS
                or self.text[end - 1] == ":"
                or SPEECH.search(self.text, start, end)
                or not (spoken or (block and self._block_before_another(number)))
            ):
                break
            block.append(Span(start, end, start, end, number))
        if block:
            draft = _Draft(block[0], cue._replace(rule="block after " + cue.rule, weight=0.5), "full")
            draft.spans = block
            self._attribute(draft)
            self.drafts.append(draft)
            self._blocks.update(span.paragraph for span in block)

    def _block_before_another(self, number):
        """Does the next "Y said:" follow within three paragraphs, with nothing but plain paragraphs up to it?"""
        for paragraph in self._paragraphs[number + 1 : number + 4]:
            if paragraph.kind != "p":
                return False
            if self.text[paragraph.end - 1] == ":":
                return bool(paragraph.words) and paragraph.words[-1].low in SAY
        return False

    # Subjects, and the person behind them.

    def _note_subjects(self, paragraph, until, done):
        """Record the subject of each sentence begun before `until`, so that a pronoun finds the last one."""
        index, bounds = done, paragraph.bounds
        while index < len(bounds) and bounds[index] < until:
            begin = bounds[index]
            stop = bounds[index + 1] if index + 1 < len(bounds) else paragraph.end
            context = Context(paragraph, begin, Span(stop, stop, stop, stop, 0), stop)
            mention = self._first_subject(context)
            if mention and mention.kind in ("name", "office", "bare"):
                person = self.cast.resolve(mention)[0] if mention.kind != "bare" else self.cast._match(mention)
                if person:
                    self._events.append((mention.start, person, mention.gender or person.gender))
                elif mention.kind != "bare" or mention.weight:
                    self._events.append((mention.start, None, mention.gender))
            elif mention is None or mention.kind == "group":
                # "The other half was led by Tobias Berg.": the one person a sentence names is who comes next.
                named = {id(m.person): m for m in context.sentence_mentions if m.kind == "name" and m.person}
                if len(named) == 1:
                    (only,) = named.values()
                    self._events.append((only.start, only.person, only.gender or only.person.gender))
                elif _SOMEBODY_SPEAKS.match(paragraph.slice(begin, stop)):
                    self._events.append((begin, None, ""))
            index += 1
        return index

    def _other(self, mention, gender):
        """ "Mr Berg thanked Ms Lind. “…,” she said": the only one of that gender named in the paragraph before it."""
        index = bisect_right(self._paragraphs, mention.start, key=lambda paragraph: paragraph.start) - 1
        near = [
            m for p in self._paragraphs[max(0, index - 1) : index + 1] for m in p.mentions if m.start < mention.start
        ]
        people = {id(m.person): m.person for m in near if m.person and m.person.gender == gender}
        return next(iter(people.values())) if len(people) == 1 else None

    def _attribute(self, draft):
        cue, mention = draft.cue, draft.cue.mention
        draft.confidence = cue.weight
        if mention is None:
            return
        if mention.kind == "pronoun":
            person, gender = None, mention.gender
            if gender:
                last = next((event for event in reversed(self._events) if event[0] < mention.start), None)
                if last:
                    of = last[2] or (last[1].gender if last[1] else "")
                    person = last[1] if of in ("", gender) else self._other(mention, gender)
            factor = 0.85
            if person is None and not gender:
                draft.source = mention.text
        elif mention.kind == "group":
            person, factor = None, 0.9
        else:
            person, factor, _ = self.cast.resolve(mention)
        draft.person = person
        draft.confidence = round(cue.weight * factor, 2)
        if person:
            gender = mention.gender
            if gender and not person.gender:
                person.gender = gender
            self._events.append((max(mention.start, draft.spans[0].open), person, person.gender))
        elif mention.kind != "pronoun":
            draft.source = " ".join(mention.text.split())


_UNNAMED = re.compile(r"\s+((?:an?|one|another|un|une|the|le|la|les|l['’])\s?[a-zà-ÿ][^,.;:“”\"«»\n]{1,70})")
_UNNAMED_SAYS = re.compile(
    r"((?:an?|the|one|le|la|les|un|une)\s+[a-zà-ÿ][^,.;:“”\"«»\n]{1,40}?)\s+([a-zà-ÿ]+)\s*(?=[,.;]|$|in |to |on )"
)
_SOME_GROUP = re.compile(
    r"\s*((?:The|An?|L[ea]s?|L['’]|Une?|Des)\s?[a-zà-ÿ][\w’'-]*(?:\s+[\w’'-]+){0,6}?)"
    r"(?:\s+(?:has|have|had|also|then|a|ont|avait|se|pour leur part)){0,3}\s+$"
)
_SOMEBODY_SPEAKS = re.compile(r"\s*(?:An?|One|Another|Une?|The|L[ea]s?|L['’])\s?[a-zà-ÿ\d]")
#: before the subject of a sentence: one introductory phrase, then nothing but a determiner or the rest of a title
_LEAD = re.compile(
    r"(?s)(?:[^,]{1,120},\s*)?(?:(?:[Tt]he|[Aa]n?|[Ll][ea]s?|[Ll]['’]|[Ii]ts|[Tt]heir|[Oo]ur|[Hh]is|[Hh]er|[Ss]on|[Ss]a|"
    r"[A-ZÀ-Þ][\w.-]*(?:['’]s?)?|[a-z]+['’]s)\s*){0,6}"
)
_AND_ADDS = re.compile(
    r"(?i)et (?:d['’]|de )\w+(?:er|re|ir)(?: aussitôt)?\s*[:,]|"
    r"(?:before|avant) (?:adding|d['’]ajouter|de \w+er|de conclure)\s*[:,]"
)
_DETERMINED = re.compile(r"(?i)\b(?:the|a|an|le|la|les|l['’]|her|his|son|sa)\s*$")
#: between an office and the name of its holder in apposition
_APPOSED = re.compile(
    r"(?:\s+[a-zà-ÿ-]+){0,2}?(?:\s+(?:of|for|at|in|to|from|on|de|du|des|d['’]|chez|à|au|aux)\s?[^,.;:“”\"«»\n]{1,90}?)?,\s+(?:the\s+|le\s+|la\s+)?"
)
_SOMEBODY = re.compile(
    r"\s*(?i:(?:the|a|an|its|their|our|le|la|les|un|une|son|sa|leur|l['’])\s?)?(?:[A-ZÀ-Þ][\w.-]*(?:['’]s?)?\s+){0,4}?"
    r"(?:[a-zà-ÿ][\w’'-]*\s+){0,6}?(?P<last>[a-zà-ÿ][\w’'-]*)(?<!ing)(?:\s+(?:of|for|at|de|du|des|d['’])\s?[^,.;:“”\"«»\n]{1,60})?,?\s+"
)
#: between an office and the name of its holder: "U.S. Attorney for the District of New Jersey Paul Berg". What stands
#: right before the name must be what the office is for, else the office belongs to the name ("the office of Ms B.").
_FOR_WHOM = re.compile(r"\s+(?:for|of|at|from|de|du|des|d['’]|chez)\s[^,.;:“”\"«»\n]{0,80}[A-ZÀ-Þ][\w’'-]+\s+")
_MASKED = re.compile('[“„«‘"]?_+[”“»’"]?')
_JOINT = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:,?\s*(?:and|et|&)\s+(?:the\s+)?)")
_AUXILIARIES = word_set("nous vous leur a ont avait has have had also then lui s' s’ se est further later")


def _widen(mention, end, text):
    return Mention(
        mention.start,
        end,
        mention.kind,
        text[mention.start : end],
        mention.words,
        mention.office and text[mention.start : end],
        mention.gender,
    )


def _as_group(mention):
    return Mention(mention.start, mention.end, "group", mention.text)


def _title_case(content):
    """Every longer word capitalised, as in the name of a work or a programme."""
    words = [w for w in re.findall(r"[^\W\d_][\w’'-]*", content) if len(w) > 3]
    return len(words) > 1 and all(w[0].isupper() for w in words) and not content.isupper()
