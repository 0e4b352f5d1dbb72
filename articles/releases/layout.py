"""What each stretch of a release is: title, date, dateline, paragraph, related item, or cut. Loses no character."""

import re
from itertools import islice, pairwise
from typing import NamedTuple

from articles.releases.dates import DATE, GLUED_DATE, MONTH, POSTED, SENT, UPDATED, WEEKDAY, find_dates, read_date
from articles.releases.offices import is_office
from articles.releases.words import NOT_NAMES, ORGANISATION_WORDS, REPORTING, fold, word_set

_FURNITURE = re.compile(
    r"(?i)[\W_]*(?:for immediate release|immediate release|for release|(?:press|news|media) (?:release|"
    r"statement|advisory|summary)|"
    r"news|communiqué(?: de presse)?|(?:pour )?diffusion immédiate|pour publication immédiate|information presse|"
    r"\(?link is external\)?|share(?: this)?(?: page)?|print|--?\s?news ?direct\s?-?-?|skip to (?:main )?content|"
    r"back to (?:top|news)|share on \w+|mehr|download pdf|english|français|"
    r"pressemitteilung|medienmitteilung|nota de prensa|comunicado(?: de prensa)?)[\W_]*"
)
_EMBARGO = re.compile(
    r"(?i)[\W_]*(?:(?:strictly |under (?:strict )?)?embargo(?:ed)?\b(?!\s+(?:on|against|was|is|has|"
    r"by the)\b)|sous embargo|sperrfrist\b|"
    r"not for (?:publication|release|broadcast)|hold for release)"
)
IMMEDIATE = re.compile(r"(?i)for immediate release|diffusion immédiate|publication immédiate")
_END_MARK = re.compile(
    r"(?i)(?:#\s*){2,}|[-–—*\s]*(?:30|ends?|fin|ende|end of release)[-–—*.\s]*|\*\s?\*\s?\*|-\s?0\s?-|\[ends?\]"
)
_END_MARK_AFTER = re.compile(r"(?<=[.!?”\"»)\s])\s*((?:#\s?){3,})\s*$")
_RULE = re.compile(r"[-_*=]{3,}|(?:[-_*=]\s){3,}")
_TAIL = re.compile(
    r"(?i)[\W_]*(?:notes? (?:to|for) (?:the )?editors?\b.{0,20}|notes aux rédactions?|notes?:?|editors?['’] notes?:?|"
    r"(?:(?:media|press|further|more|company|general) )?(?:contacts?|enquiries|inquiries|contact (?:details|"
    r"information|person)s?)\b.{0,80}|"
    r"contacts? (?:presse|médias?)\b.{0,80}|for (?:more|further|"
    r"additional) information,?(?: please)?(?: contact| visit)?:?|"
    r"for (?:media|press|public) (?:inquiries|enquiries)\b.{0,60}|related (?:posts|content|articles|links|"
    r"news|documents)\b.{0,20}|"
    r"(?:component|topic|issue|tag|categor(?:y|ie)|filed under|keyword|hashtag|attachment)(?:\(s\)|s)?:.{0,200}|"
    r"press release number:?.{0,20}|(?:about|à propos d[eu']|à propos de la|über)\s.{1,90}|background information:?|"
    r"view (?:source version|the original|original (?:release|version|content))\b.{0,300}|"
    r"source:? .{0,80}|"
    r"the post .{3,300} appeared first on .{2,60}|forward[- ]looking statements:?|safe harbou?r.{0,40}|"
    r"(?:media|press), please note:.{0,300}|additional resources:?|cautionary (?:note|statement).{0,80})"
)
_CONTACT = re.compile(
    r"(?i)[\W_]*(?:(?:media|press) )?(?:from|to|contacts?|phone|tel|telephone|e-?mail|fax|mobile|website)\s*:.{0,160}"
)
_CODE = re.compile(
    r"function\s*\(|document\.|window\.|=>\s*\{|</?\w+[^>]*>|^\s*[{}]\s*;?$|\bvar \w+\s*=|\bconst \w+\s*="
)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_URL = re.compile(r"https?://\S+|www\.\S+")
_SPACES = re.compile(r"(?<=[.!?:”\"»)])[ ]{2,}(?=\S)")
_BULLET = re.compile(r"(?:[•‣▪◦●○■□▶➤·]|[*+](?=\s)|[-–](?=\s))\s*")
_NUMBERED = re.compile(r"(?:\(?\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_HEADING_MARK = re.compile(r"#{1,6}\s+")
_TITLE_LABEL = re.compile(r"(?i)(?:title|headline|titre|subject)\s*:\s*")
_BREADCRUMB = re.compile(
    r"(?:Home|Accueil)(?:\s*[>/»›|]\s*)?(?:(?:Media|Newsroom|News|Press Releases?|Press|Actualités|"
    r"Presse)(?:\s*[>/»›|]\s*)?)*"
)
_MEDIA_NOUN = (
    r"press conference|news conference|press briefing|press point|transcript|video|photos?|photographs|"
    r"pictures|images|audio|webcast|"
    r"live ?stream|recording|remarks|speech|statement|interview|infographic|fact ?sheet|slides|b-roll|"
    r"media kit|press kit|"
    r"conférence de presse|point de presse|vidéo|transcription|enregistrement|discours|dossier de presse|diaporama|logo"
)
_RELATED = re.compile(rf"(?i)(?:[\w’'-]+ ){{0,3}}?(?:{_MEDIA_NOUN})\b")
_INVITATION = re.compile(
    r"(?i)(?:watch|listen(?: to)?|read|download|view|see(?: also)?|click here|télécharger|voir|lire|écouter|"
    r"regarder|cliquez)\b"
)
_MEDIA_NOUNS = re.compile(rf"(?i)\b(?:{_MEDIA_NOUN})\b")
FIRST_PERSON = re.compile(r"(?i)\b(?:i|we|my|our|us|je|nous|notre|nos|mes|mon|ma)\b")
OPEN_MARKS = '“"«„'
SPEECH = re.compile(
    rf"[”\"»],?\s+(?:\w+[ -]){{0,6}}?(?:said|says|added|stated|a déclaré|déclare)\b|\b(?:said|says|added|"
    rf"déclaré|déclare)\s?[:,]\s*[{OPEN_MARKS}]"
)
_ENDING = '.!?…”"»)'
_CONNECTORS = word_set(
    "and of the to for in with on at a an by from or de la le du des et à aux au un une pour dans sur"
)
_PLACE_WORD = rf"(?!(?i:{MONTH}))[A-ZÀ-ÖØ-Þ][\w.'’]*"
_PLACE = re.compile(
    rf"(?:{_PLACE_WORD}(?:[ -](?:{_PLACE_WORD}|de|la|du|of|the|sur|am|upon|el|"
    rf"al|les|lès|des|en|sous|à))*)(?:,\s*{_PLACE_WORD}(?:\s{_PLACE_WORD})*){{0,2}}"
)
_WIRE = re.compile(
    r"/[^/\n]{2,40}/|\((?=[^()\n]*(?:wire|news|press|direct|pr\b|afp|ap\b|reuters|"
    r"gnw))[^()\n]{2,60}\)|\[[^\]\n]+\]\([^)\n]+\)",
    re.IGNORECASE,
)
_INNER_DATELINE = re.compile(
    r"(?<=[\s.”\"»a-z\d])"
    r"(?:[A-Z][a-z’'.]+(?: [A-Z][a-z]+){0,2}, (?:(?:[A-Z]\.){2,}|[A-Z]{2}\b)|[A-Z]{4,}(?:[ ,]+[A-Z][A-Z.]+)*)"
    r"\s*[–—-]\s*(?=[A-Z“\"])"
)
_IN_PLACE = re.compile(
    rf"\b(?:in|à)\s+((?:[A-ZÀ-Þ][\w’'-]+(?:[ -](?=[A-ZÀ-Þ]))?){{1,3}}(?:,\s[A-ZÀ-Þ][\w]+)?),?\s+"
    rf"(?=(?:on\s+|le\s+|this\s+)?"
    rf"(?:(?i:{WEEKDAY})\b|today|yesterday|aujourd|\(?\d{{1,2}}\s+(?i:{MONTH})|(?i:{MONTH})\s+\d))",
)
_EVENT = re.compile(rf"(?i)\b(?:on|le|this)\s+(?:{WEEKDAY},?\s*)?\(?$|\b{WEEKDAY},?\s*\(?$|\(\s*$")


_RELEASE_NUMBER = re.compile(
    r"(?i)[\W_]*(?:(?:press |news |media )?release|pn|pr|ref\.?|no\.?|nr\.?|n°)\s*[\d/.:-]+[\W_]*"
)
#: what may stand beside the date on its line and says nothing: "Press release of", "Nr. 147/2024 vom", a time
_BESIDE_DATE = word_set(
    "for press news media release releases statement briefing summary notice pressemitteilung communique de presse "
    "medienmitteilung nota prensa comunicado issued published publie publiee decision no nr nor n ref edited length "
    "le du of on vom del at a the hrs uhr gmt utc cet cest est edt et local time am pm p m"
)
#: an institution's name over the text: "Préfecture de la Haute-Sarvanne", "State Division of Wildlife and Parks"
_INSTITUTIONS = ORGANISATION_WORDS | word_set(
    "prefecture ville mairie region departement parlement assemblee senat tribunal cour parquet chancellerie "
    "musee federation confederation association hopital academie syndicat chambre direction ambassade commune "
    "canton metropole observatoire centre ecole faculte rectorat cabinet ligue reseau collectif union supreme "
    "high coalition gouvernement conseil philharmonic orchestra ombudsman"
)
_TODAY = re.compile(
    r"(?i)\b(?:today|tonight|this (?:morning|afternoon|evening)|aujourd['’]hui|ce jour|heute|hoy)\s*[,(]\s*"
    r"(?:on |le )?$"
)


class _Part(NamedTuple):
    start: int
    end: int
    role: str
    detail: object = None


class _Rest:
    """The blocks that follow one, without a copy of them."""

    def __init__(self, blocks, first):
        self._blocks, self._first = blocks, first

    def __len__(self):
        return len(self._blocks) - self._first

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self._blocks[self._first : self._first + index.stop]
        return self._blocks[self._first + index]

    def __iter__(self):
        return islice(self._blocks, self._first, None)


class Layout:
    """One pass over the blocks of the text; fills `parts` with what each stretch of it is."""

    def __init__(self, text, lines=None):
        """`lines` are the (start, end, tag) of a text that came with paragraphs of its own; else they are found."""
        self.text = text
        self.parts = []
        self.dates = []  # (start, end, role, iso, time, standalone)
        self.title = None
        self.embargo = None
        self.place = None
        self.bodies = 0
        self.voice = 0  # where the first paragraph begins to speak: after its dateline
        self._tail = self._prose = False
        blocks = [(start, end, "") for start, end in _blocks(text)] if lines is None else lines
        self._heading = next((start for start, _, tag in blocks if tag == "h1"), None)
        for index, (start, end, tag) in enumerate(blocks):
            self._block(start, end, tag, _Rest(blocks, index + 1))
        self._dates_in_bodies()
        self._fill_gaps()

    def _add(self, start, end, role, detail=None):
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start < end:
            self.parts.append(_Part(start, end, role, detail))
            self.bodies += role == "body"
            self._prose = self._prose or (role == "body" and detail == "p")

    def _block(self, start, end, tag, rest):
        text = self.text[start:end]
        if self._tail:
            if len(text) > 160 or not self._date_line(start, end, False):
                self._add(start, end, "cut", "after the end")
            return None
        following = self.text[rest[0][0] : rest[0][1]] if rest else ""
        if _END_MARK.fullmatch(text) and (self.bodies or "#" in text):
            self._tail = True
            return self._add(start, end, "cut", "end mark")
        if _RULE.fullmatch(text):
            self._tail = bool(self.bodies) and not any(_is_prose(self.text[s:e]) for s, e, _ in rest)
            return self._add(start, end, "cut", "rule")
        if not any(c.isalnum() for c in text):
            return self._add(start, end, "cut", "layout")
        if _IMAGE.fullmatch(text):
            return self._add(start, end, "cut", "image")
        if len(text) < 250 and _EMBARGO.match(text):
            self.embargo = self.embargo or (start, end)
            self._find_dates(start, end, "embargo")
            return self._add(start, end, "cut", "embargo")
        if _FURNITURE.fullmatch(text) or (not self.bodies and len(text) < 40 and _RELEASE_NUMBER.fullmatch(text)):
            return self._add(start, end, "cut", "furniture")
        if _CODE.search(text) and not _is_prose(_CODE.sub(" ", text)) and len(text) < 400:
            return self._add(start, end, "cut", "code")
        if text.count("»") > text.count("«") + 1:
            return self._add(start, end, "cut", "menu")
        if len(text) < 160 and self._date_line(start, end, True):
            return None
        if not self._prose and len(text) < 160 and self._dated_head(start, end, rest):
            return None
        if len(text) < 200 and not self.bodies and _CONTACT.fullmatch(text):
            return self._add(start, end, "cut", "contact")
        if self.bodies and self._begins_tail(text, rest):
            self._tail = True
            return self._add(start, end, "cut", "after the end")
        if not self._prose and self.title and not tag and len(text) < 100 and self._names_institution(text):
            return self._add(start, end, "cut", "letterhead")
        if tag == "h1" and self.title is None:
            self.title = (start, end)
            return self._add(start, end, "title")
        if self._heading is not None and start < self._heading:
            return self._add(start, end, "cut", "before the title")
        if self.title is None and not self.bodies:
            return self._head(start, end, following, rest)
        self._body_block(start, end, following, tag)

    def _begins_tail(self, text, rest):
        if not _TAIL.fullmatch(text) or (text[-1] in ".!?" and len(text) > 60 and "appeared first" not in text):
            return False
        return not any(SPEECH.search(self.text[s:e]) for s, e, _ in rest)

    def _date_line(self, start, end, anywhere):
        """Dates, their labels and furniture alone on a line; in the tail only one that says "updated"."""
        text = self.text[start:end]
        found = list(find_dates(text, 0, len(text)))
        if not found:
            return False
        pieces, left, position = [], [], 0
        for match in found:
            before = text[position : match.start()]
            kinds = (("updated", UPDATED), ("sent", SENT), ("posted", POSTED))
            role, label = next(((kind, m) for kind, words in kinds if (m := words.search(before))), ("posted", None))
            left.append(before[: label.start()] if label else before)
            pieces.append(
                (start + (position + label.start() if label else match.start()), start + match.end(), role, match)
            )
            position = match.end()
        left.append(text[position:])
        rest = [part.strip(" •|-–—,.:;()*/") for part in left]
        place = None
        if (
            rest[0]
            and not self.bodies
            and re.fullmatch(_PLACE.pattern, rest[0])
            and len(rest[0]) < 40
            and "," in left[0]
        ):
            place, rest[0] = rest[0], ""
        if any(part and not (_FURNITURE.fullmatch(part) or _says_nothing(part)) for part in rest):
            return False
        if not anywhere and not any(role == "updated" for _, _, role, _ in pieces):
            return False
        self.place = self.place or place
        for s, e, role, match in pieces:
            self.dates.append((s, e, role, *read_date(match), True))
            self._add(s, e, "date")
        return True

    def _dated_head(self, start, end, rest):
        """A line of the head with the date of the release among a few words: "March 27, 2023 • By the press office",
        "Press release 118/2021 of 9 June 2021". Before the title only where nothing but such words stand by it."""
        text = self.text[start:end]
        found = list(find_dates(text, 0, len(text)))
        if not found or text.startswith("#"):
            return False
        if (dateline := self._dateline(start, end)) and len(self.text[dateline[0] : end].split()) > 4:
            return False  # the text has begun
        edges = [0, *(edge for match in found for edge in match.span()), len(text)]
        beside = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
        words = sum(len(part.split()) for part in beside)
        if self.title is None:
            if not self._title_below(rest):
                return False
            parts = [piece for part in beside for piece in re.split(r"[|•·,()]|\s[–—-]\s", part)]
            known = [bool(_says_nothing(piece) or self._names_institution(piece)) for piece in parts]
            told = any(piece.strip() and known for piece, known in zip(parts, known, strict=True))
            plain = all(k or (told and re.fullmatch(_PLACE, p.strip())) for p, k in zip(parts, known, strict=True))
            if not plain and not (len(found) > 1 and words <= 4) and not (found[0].start() == 0 and words <= 8):
                return False
        elif words > 10 or text[-1] in ".!?" or text[0] in OPEN_MARKS or re.search(rf"\b(?:{_FINITE})\b", text):
            return False
        a_span = len(found) > 1 and re.search(r"(?i)^\s*(?:au|to|until|bis|al|[–—-])\s*$", beside[1])
        for match, before in zip(found, beside, strict=False):
            role = "mentioned" if a_span else "updated" if UPDATED.search(before) else "posted"
            self.dates.append((start + match.start(), start + match.end(), role, *read_date(match), True))
            self._add(start + match.start(), start + match.end(), "date")
        return True

    def _title_below(self, rest):
        """Does a line that may be the title follow, before the text begins?"""
        for number, (start, end, _) in enumerate(rest[:6]):
            text = self.text[start:end]
            if _is_prose(text) and (len(text) > 250 or text[-1] in '.!?”"»'):
                return False
            plain = any(c.islower() for c in text) or len(text.split()) > 3
            if (
                len(text.split()) >= 3 and len(text) <= 250 and plain and text[-1] not in ".,;:"
                and not (_FURNITURE.fullmatch(text) or _EMBARGO.match(text) or _CONTACT.fullmatch(text))
                and not next(find_dates(text, 0, len(text)), None)
                and not self._names_institution(text)
                and number + 1 < len(rest)
            ):  # fmt: skip
                return True
        return False

    def _names_institution(self, text):
        """Is it an institution's name and nothing else: one of the words for such, with what it is of or for?"""
        words = [low for w in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text) if (low := fold(w))]
        if not 1 <= len(words) <= 12 or len(text) > 100 or text.rstrip()[-1:] in ".!?:":
            return False
        at = next(
            (i for i, w in enumerate(words[:4]) if w.split()[0] in _INSTITUTIONS or w.split("'")[0] in _INSTITUTIONS),
            None,
        )
        if at is None:
            return False
        small = [w for w in re.findall(r"[^\W\d_]+", text) if w.islower() and len(w) > 3]
        inside = words[at + 1 :]
        if any(w in REPORTING or w == "to" for w in words):
            return False
        linked = (
            not inside
            or inside[0].split("'")[0] in _OF_WORDS
            or inside[0] in _INSTITUTIONS
            or (len(inside) > 1 and inside[1].split("'")[0] in _OF_WORDS)
        )
        return linked and len(small) <= 2

    def _find_dates(self, start, end, role):
        for match in find_dates(self.text, start, end):
            self.dates.append((match.start(), match.end(), role, *read_date(match), False))

    def _head(self, start, end, following, rest):
        """The first words that are neither date nor furniture: the title, or already the text."""
        text = self.text[start:end]
        if mark := _HEADING_MARK.match(text):
            self.title = (start + mark.end(), end)
            return self._add(*self.title, "title")
        dateline = self._dateline(start, end)
        if dateline is None and len(text) > 250 and (inner := _INNER_DATELINE.search(text, 0, 600)):
            head = text[: inner.start()]
            if not re.search(r"[.!?]\s", head):
                self._split_head(start, start + inner.start())
                return self._body_block(start + inner.start(), end, following)
        trail = re.match(r"(?:Home|Accueil|Startseite|Inicio)\s*[>/»›|]\s", text) or text.count(" > ") > 1
        if trail and len(text) < 200 and self._title_below(rest):
            return self._add(start, end, "cut", "breadcrumb")
        if label := _TITLE_LABEL.match(text):
            start, text = start + label.end(), text[label.end() :]
        crumb = _BREADCRUMB.match(text)
        if crumb and (crumb.end() > 6 or crumb.end() == len(text)) and re.match(r"$|[A-Z“\"]", text[crumb.end() :]):
            if crumb.end() == len(text) or not following:
                return self._add(start, end, "cut", "breadcrumb")
            start, text = start + crumb.end(), text[crumb.end() :]
        if re.search(r"\s[>›]\s|^[^«]*\s»\s|\s/\s.*\s/\s", text) and len(text) < 120 and following:
            return self._add(start, end, "cut", "breadcrumb")
        sentence = text[-1] in "." and not re.search(r"\b(?:[A-Z]\.|Inc\.|Ltd\.|Co\.|Corp\.|etc\.)$", text)
        short = len(text) <= 250 and (not sentence or (len(text) < 160 and len(following) > 1.5 * len(text)))
        if dateline is None and short and self._names_institution(text) and self._title_below(rest):
            return self._add(start, start + len(text), "cut", "letterhead")
        if dateline is None and short and not (text[0] in OPEN_MARKS and SPEECH.search(text)):
            self.title = (start, start + len(text))
            return self._add(*self.title, "title")
        return self._body_block(start, end, following)

    def _split_head(self, start, end):
        """ "HomePress ReleasesTitle HereMay 3, 2024 Press Release" run together before the dateline."""
        crumb = _BREADCRUMB.match(self.text, start, end)
        if crumb:
            self._add(start, crumb.end(), "cut", "breadcrumb")
            start = crumb.end()
        stop = end
        for match in GLUED_DATE.finditer(self.text, start, end):
            self.dates.append((match.start(), match.end(), "posted", *read_date(match), True))
            self._add(match.start(), match.end(), "date")
            stop = min(stop, match.start())
        while stop > start and self.text[stop - 1].isspace():
            stop -= 1
        if any(c.isalnum() for c in self.text[start:stop]):
            self.title = (start, stop)
            self._add(start, stop, "title")

    def _body_block(self, start, end, following, tag=""):
        text = self.text[start:end]
        if self.title and fold(text) == fold(self.text[slice(*self.title)]):
            return self._add(start, end, "cut", "title repeated")
        if tag in ("h2", "h3", "li", "blockquote"):
            return self._add(start, end, "body", tag)
        if mark := _HEADING_MARK.match(text):
            return self._add(start + mark.end(), end, "body", "h2")
        if text.startswith(">"):
            return self._add(start + 1, end, "body", "blockquote")
        if (mark := _BULLET.match(text) or _NUMBERED.match(text)) and mark.end() < len(text):
            return self._add(start + mark.end(), end, "body", "li")
        if self._related(start, end, following):
            return None
        words = len(text.split())
        if (
            words <= (16 if self.bodies else 30)
            and len(text) <= (110 if self.bodies else 200)
            and text[-1] not in '.!;,:”“’"»…'
            and following
            and self.bodies + (self.title is not None)
        ) and not (_BULLET.match(following) or text[0] in "—–-" or text[0].islower()):
            return self._add(start, end, "body", "h2")
        if mark := _END_MARK_AFTER.search(text):
            self._add(start + mark.start(1), end, "cut", "end mark")
            end = start + mark.start(1)
            self._tail = True
        paragraphs = any(p.role == "body" and p.detail == "p" for p in self.parts[-12:])
        if not paragraphs and (dateline := self._dateline(start, end)):
            self.voice, place, found = dateline
            self.place = self.place or place
            if found:
                self.dates.append((found.start(), found.end(), "dateline", *read_date(found), False))
        for s, e in _uncollapse(self.text, start, end):
            self._add(s, e, "body", "p")

    def _related(self, start, end, following):
        """A typed link or label between paragraphs: a media kind, no sentence, and no section of its own below it."""
        text = self.text[start:end]
        if len(text) > 200 or not self.title:
            return False
        link = _LINK.fullmatch(text)
        if link and not _URL.match(link[1]):
            self.parts.append(_Part(start + link.start(1), start + link.end(1), "related", link[2]))
            return True
        label, url = text, None
        if address := re.search(r"\s*[:–-]?\s*(https?://\S+)$", text):
            label, url = text[: address.start()], address[1]
        words = label.split()
        if not words or label[-1] in '.!?;,:”"»' or any(c in label for c in OPEN_MARKS):
            return False
        kind = _RELATED.match(label)
        if not (kind or (_INVITATION.match(label) and (url or len(words) <= 8))):
            return False
        if kind and not _INVITATION.match(label) and not url:
            nouns = {m[0].lower() for m in _MEDIA_NOUNS.finditer(label)}
            opening = following[:400]
            if len(words) < 3 or len(words) > 25:
                return False
            told = re.sub(r"[“„«][^”»]*|\"[^\"]*", " ", opening)  # what is quoted there is not the page's own voice
            if (opening and opening[0] in OPEN_MARKS) or len(FIRST_PERSON.findall(told)) > 1:
                return False
            if any(noun in opening.lower() for noun in nouns) or re.search(rf"\b(?:{_FINITE})\b", label):
                return False
        self.parts.append(_Part(start, start + len(label), "related", url))
        return True

    def _dateline(self, start, end):
        """(end, place, date match) of "CITY, June 3, 2024 /wire/ --" at the beginning, or None."""
        text, at, place, found, wire = self.text, start, None, None, False
        stop = min(end, start + 300)
        for _ in range(6):
            gap = re.compile(r"[\s,:–—-]*(?:/\s+)?(?:[Ll]e\s+(?=\d|\w+ \d))?|\.[\s-]+").match(text, at, stop)
            at = gap.end()
            if match := _WIRE.match(text, at, stop):
                at, wire = match.end(), True
            elif match := DATE.match(text, at, stop):
                at, found = match.end(), match
            elif at > start and text[at : at + 1] == "(" and (match := DATE.match(text, at + 1, stop)):
                at, found = match.end() + (text[match.end() : match.end() + 1] == ")"), match
            elif found and (match := re.compile(r"\([^()\n]{2,40}\)|\[[^\]\n]{2,60}\](?!\()").match(text, at, stop)):
                at = match.end()
            elif place is None and (match := re.compile(r"\(([A-Z][A-Z .,]+)\)").match(text, at, stop)):
                at, place = match.end(), match[1]
            elif place is None and (match := _PLACE.match(text, at, stop)) and len(match[0]) < 50:
                tail = text[match.end() : match.end() + 3]
                if not re.match(r"\s*(?:[–—(/,\[]|-[\s-]|\s-)", tail):
                    break
                at, place = match.end(), match[0].rstrip(" ,")
            else:
                break
        before = text[start:at].rstrip()
        if at > start and before and before[-1] in "–—-" and (place or found or wire):
            sure = found or wire or (place and (place.isupper() or "," in place))
            if sure or (place and len(place.split()) <= 2 and text[at : at + 1].isupper()):
                return at, place, found
        if found and (place or found.start() == start) and re.match(r"\.\s+[A-ZÀ-Þ“\"«]", text[at : at + 3]):
            return at + 1, place, found  # "Genève (4 mai 2024). The text"
        lost = re.compile(r"[A-ZÀ-Þ]{6,}(?: [A-ZÀ-Þ]{4,}){0,2}(?=\s[A-Z][a-zé])").match(text, start, stop)
        if lost:
            following = text[lost.end() : lost.end() + 30].split()
            determined = following[0].lower() in NOT_NAMES
            once = len(lost[0]) > 6 and text.count(lost[0]) == 1 and not is_office(fold(following[0]))
            if determined or once or lost[0].title() in text:
                return lost.end(), lost[0], None
        return None

    def _dates_in_bodies(self):
        first = next((p for p in self.parts if p.role == "body" and p.detail == "p"), None)
        taken = {d[0] for d in self.dates}
        for part in self.parts:
            if part.role != "body":
                continue
            for match in find_dates(self.text, part.start, part.end):
                if match.start() not in taken:
                    lead = self.text[max(part.start, match.start() - 30) : match.start()]
                    event = part is first and (_EVENT.search(lead) or re.match(WEEKDAY, match[0], re.IGNORECASE))
                    role = "event" if event else "mentioned"
                    self.dates.append((match.start(), match.end(), role, *read_date(match), False))
        self._date_within()
        if not self.place and first and (match := _IN_PLACE.search(self.text, first.start, first.end)):
            self.place = match[1]

    def _date_within(self):
        """A release that prints no date of its own may still tell it: "today (27 March 2014)", "(Wire) - 14 May 2025
        -", or in its title."""
        if any(role in ("posted", "dateline") and iso for _, _, role, iso, _, _ in self.dates):
            return
        bodies = [part for part in self.parts if part.role == "body"][:3]
        for number, (start, end, role, iso, time, standalone) in enumerate(self.dates):
            part = next((p for p in bodies if p.start <= start < p.end), None)
            if not iso or part is None or role not in ("event", "mentioned"):
                continue
            before, after = self.text[max(part.start, start - 30) : start], self.text[end : end + 4]
            framed = re.search(r"[–—)-]\s*$", before) and re.match(r"\)?\s*[–—-]", after) and start - part.start < 400
            if framed or _TODAY.search(before):
                self.dates[number] = (start, end, "dateline", iso, time, standalone)
                return
        if self.title and (match := next(find_dates(self.text, *self.title), None)):
            self.dates.append((match.start(), match.end(), "dateline", *read_date(match), False))

    def _fill_gaps(self):
        """What no rule has claimed is cut, so that nothing is ever lost."""
        gaps, at = [], 0
        self.parts.sort()
        for part in [*self.parts, _Part(len(self.text), len(self.text), "end")]:
            for match in re.finditer(r"\S+(?:[^\S\n]+\S+)*", self.text[at : part.start]):
                gap = match[0]
                reason = "layout" if any(c.isalnum() for c in gap) else "bullet" if _BULLET.match(gap) else "mark"
                gaps.append(_Part(at + match.start(), at + match.end(), "cut", reason))
            at = part.end
        self.parts = sorted(self.parts + gaps)
        self.dates.sort(key=lambda d: d[0])


_OF_WORDS = word_set("of for and the on at in de du des d l la le les et pour a à aux und für del y")
_FINITE = "is|are|was|were|has|have|will|met|meets|said|says|gave|gives|held|holds|est|sont|a|ont"


def _says_nothing(text):
    return all(word in _BESIDE_DATE for word in re.findall(r"[^\W\d_]+", fold(text)))


def _is_prose(text):
    """Twelve words or more beside links, images and addresses."""
    bare = _URL.sub(" ", _LINK.sub(" ", _IMAGE.sub(" ", text)))
    return len(bare.split()) >= 12


def _blocks(text):
    """Paragraphs as (start, end): blank lines divide; lines wrapped by hand are joined, others stand alone."""
    lines, at = [], 0
    for raw in text.split("\n"):
        start, end = at + len(raw) - len(raw.lstrip()), at + len(raw.rstrip())
        lines.append((start, end) if start < end else None)
        at += len(raw) + 1
    full = [a[1] - a[0] for a, b in zip(lines, lines[1:], strict=False) if a and b and 45 <= a[1] - a[0] <= 120]
    long = sum(1 for line in lines if line and line[1] - line[0] > 160)
    width = sorted(full)[len(full) * 4 // 5] if len(full) >= 3 and long * 5 <= len(full) else 0
    blocks = []
    previous = None
    for line in lines:
        if line and previous and _joins(text[slice(*previous)], text[slice(*line)], width):
            blocks[-1] = (blocks[-1][0], line[1])
        elif line:
            blocks.append(line)
        previous = line
    return blocks


def _joins(above, below, width):
    """Was the line break put there by a wrapping editor, not by the author?"""
    if len(above) > 120 or _BULLET.match(below) or _NUMBERED.match(below) or below[0] in "#>":
        return False
    if above[0] == "#":
        return above.split()[-1].lower() in _CONNECTORS and below[0] not in "#>"
    if _FURNITURE.fullmatch(above) or _FURNITURE.fullmatch(below) or _END_MARK.fullmatch(below):
        return False
    if len(above) < 60 and DATE.search(above) and DATE.search(above).end() >= len(above) - 3:
        return False
    if _LINK.match(below) or _IMAGE.match(below) or _EMBARGO.match(above):
        return False
    words = above.split()
    if words[-1].lower() in _CONNECTORS and len(words) > 3:
        return True
    if width:
        if above[-1] in _ENDING and len(above) < 0.7 * width:
            return False
        return len(above) + 1 + len(below.split()[0]) > 0.85 * width or (below[0].islower() and len(above) > 30)
    return len(above) > 30 and len(below) <= 120 and (below[0].islower() or above[-1] == ",")


def _uncollapse(text, start, end):
    """A whole release on one line often keeps its paragraph breaks as runs of spaces after a full stop: the longest
    runs, where some are longer than those between sentences, and never inside marks."""
    if end - start < 1200:
        return [(start, end)]
    runs = list(_SPACES.finditer(text, start, end))
    long = [run for run in runs if len(run[0]) > 2]
    edges = [start]
    for run in long if len(long) > 1 else runs:
        piece = text[edges[-1] : run.start()]
        if piece.count('"') % 2 == 0 and piece.count("“") <= piece.count("”") and piece.count("«") <= piece.count("»"):
            edges.append(run.end())
    return list(pairwise([*edges, end]))
