"""Share cards: 1200 × 630 px, drawn in our own typefaces for whoever shows a link with a picture.

Pure drawing over one set of facts. Right-to-left scripts are shaped by Raqm, which comes with Pillow's own builds;
where it is missing, or no typeface of ours has a letter, the card carries the institution's name and no words: a
sentence written backwards would be worse than none.
"""

import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, groupby
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError, features

from articles.models import QuoteText
from people.api import address

WIDTH, HEIGHT = 1200, 630
EDGE = 64
FACE = re.compile(
    r'font-family:"([^"]+)";src:url\("../fonts/([^"]+)"\).*?font-weight:([\d ]+);font-style:(\w+).*?range:(.+?)}'
)
SERIF, SANS, ITALIC = "Literata", "IBM Plex Sans", "italic"
BESIDE = {  # what stands in for letters that the first typeface does not have
    SERIF: [SERIF, "Noto Naskh Arabic", "Noto Naskh Figures"], SANS: [SANS, "IBM Plex Sans Arabic"],
}  # fmt: skip
CUT = 280
#: the marks of a quotation, by language, as base.css has them; the guillemet of a line does not hang
MARKS = (
    dict.fromkeys(("ar", "fa", "el", "uk", "ru", "es", "it"), ("«", "»"))
    | dict.fromkeys(("de", "cs", "sk", "bg"), ("„", "“"))
    | {"fr": ("«\u00a0", "\u00a0»")}
)


@dataclass(frozen=True)
class Card:
    """`words` are a quotation when `name` is given, else a headline under `label`. `then`: that word, when the office
    is no longer held."""

    words: str
    direction: str
    line: str
    label: str = ""
    name: str = ""
    office: str = ""
    then: str = ""
    portrait: str = ""
    initials: str = ""
    language: str = "en"


def card_url(row):
    """The absolute address of the share card of an edition or a quote text."""
    page = settings.SITE_URL + row.quote.get_absolute_url() if isinstance(row, QuoteText) else address(row)
    return f"{page}card.png"


def drawn(card):
    """The card as the bytes of a PNG."""
    sheet = Sheet(card.direction == "rtl")
    if all(can_set(text) for text in (card.words, card.name, card.office, card.line, card.label)):
        sheet.words(card)
        sheet.speaker(card) if card.name else sheet.foot(card)
    sheet.house()
    return sheet.png()


def tag(card):
    """A hash that is another when the card would look otherwise, without drawing it: of what it says, of this file, of
    the mark and of the sheets its colours and typefaces are read from."""
    return hashlib.sha256(f"{card!r} {settings.INSTITUTION!r} {_hand()}".encode()).hexdigest()


@cache
def _hand():
    files = [__file__, finders.find("css/fonts.css"), finders.find("css/tokens.css"), _mark_file()]
    return [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files if file]


# Typefaces


@dataclass(frozen=True)
class Face:
    file: str
    weights: tuple
    ranges: tuple

    def has(self, letter):
        return any(first <= ord(letter) <= last for first, last in self.ranges)

    def at(self, size, weight):
        return _font(self.file, size, weight)


@cache
def faces(family, weight, italic=False):
    """The files of a family that have this weight, as fonts.css describes them."""
    css = Path(finders.find("css/fonts.css")).read_text(encoding="utf-8")
    found = []
    for name, file, weights, style, ranges in FACE.findall(css):
        span = tuple(map(int, weights.split()))
        if name == family and (style == "italic") == italic and span[0] <= weight <= span[-1]:
            pairs = [part.strip()[2:].split("-") for part in ranges.split(",")]
            found.append(Face(file, span, tuple((int(pair[0], 16), int(pair[-1], 16)) for pair in pairs)))
    return found


@cache
def _font(file, size, weight):
    font = ImageFont.truetype(finders.find(f"fonts/{file}"), size)
    try:
        axes = {b"Optical size": size, b"Weight": weight}
        font.set_variation_by_axes(
            [min(max(axes[a["name"]], a["minimum"]), a["maximum"]) for a in font.get_variation_axes()]
        )
    except OSError:  # one cut, no axes
        pass
    return font


def face_of(letter, family, weight, italic=False, before=None):
    """The face a letter is set in; the one of the letter before, if it has it too. None: we have no such letter."""
    if before and before.has(letter):
        return before
    choice = [face for name in BESIDE[family] for face in faces(name, weight, italic and name == family)]
    return next((face for face in choice if face.has(letter)), None)


def can_set(text):
    shaped = features.check("raqm") or not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return shaped and all(face_of(letter, SERIF, 400) or letter.isspace() for letter in text)


def runs(text, family, weight, italic=False, base="ltr"):
    """[(direction, [(face, text)])] of a line of one direction: pieces that read one way, each in as few faces as it
    needs."""
    strong = {"L": "ltr", "EN": "ltr", "R": "rtl", "AL": "rtl", "AN": "rtl"}
    ways = [strong.get(unicodedata.bidirectional(letter)) for letter in text]
    before = [*accumulate(ways, lambda last, way: way or last, initial=base)][1:]
    after = [*accumulate(reversed(ways), lambda last, way: way or last, initial=base)][:0:-1]
    ways = [was if was == will else base for was, will in zip(before, after, strict=True)]
    pieces = []
    for way, letters in groupby(zip(text, ways, strict=True), key=lambda pair: pair[1]):
        parts, face = [], None
        for letter, _way in letters:
            found = face_of(letter, family, weight, italic, before=face) or face or faces(family, weight)[0]
            if parts and found == face:
                parts[-1][1] += letter
            else:
                parts.append([found, letter])
            face = found
        pieces.append((way, parts))
    return pieces


@dataclass(frozen=True)
class Style:
    size: int
    family: str = SERIF
    weight: int = 400
    italic: bool = False

    def width(self, text):
        return sum(self.length(face, part, way) for way, parts in self.runs(text) for face, part in parts)

    def length(self, face, text, way):
        return self.font(face).getlength(text, **_way(way))

    def runs(self, text, base="ltr"):
        return runs(text, self.family, self.weight, self.italic, base)

    def font(self, face):
        return face.at(self.size, self.weight)


def _way(way):
    return {"direction": way} if features.check("raqm") else {}


def lines_of(text, style, width):
    """The text in lines no wider than `width`, all about as long as each other."""
    words = [(part, style.width(part)) for word in text.split() for part in _cut(word, style, width)]
    space = style.width(" ")
    lines = _broken(words, space, width)
    narrow, wide = width / 2, width
    while wide - narrow > 8:  # the narrowest column that takes no line more
        middle = (narrow + wide) / 2
        if len(_broken(words, space, middle)) > len(lines):
            narrow = middle
        else:
            wide = middle
    return _broken(words, space, wide)


def _cut(word, style, width):
    """The word, or, where it is longer than a line, as much of it as a line takes, and so on."""
    while style.width(word) > width:
        fits = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or style.width(word[:n]) <= width)
        yield word[:fits]
        word = word[fits:]
    yield word


def _broken(words, space, width):
    lines, room = [], 0
    for word, own in words:
        if lines and own + space <= room:
            lines[-1] += f" {word}"
            room -= own + space
        else:
            lines.append(word)
            room = width - own
    return lines


# The sheet


@cache
def colour(token):
    """A colour of tokens.css; the card has the light scheme's."""
    css = Path(finders.find("css/tokens.css")).read_text(encoding="utf-8")
    return re.search(rf"--{token}:\s*(?:light-dark\()?(#[0-9a-f]{{6}})", css)[1]


class Sheet:
    """What is drawn is measured from the edge where reading begins."""

    def __init__(self, mirrored):
        self.mirrored = mirrored
        self.image = Image.new("RGB", (WIDTH, HEIGHT), colour("ground"))
        self.draw = ImageDraw.Draw(self.image)

    def text(self, start, base, text, style, fill):
        """One line, its letters standing on `base`. Returns where it ends."""
        width = style.width(text)
        x = WIDTH - start if self.mirrored else start
        for way, parts in style.runs(text, "rtl" if self.mirrored else "ltr"):
            own = sum(style.length(face, part, way) for face, part in parts)
            left = x - own if self.mirrored else x
            x = left if self.mirrored else left + own
            for face, part in parts if way == "ltr" else reversed(parts):
                self.draw.text((left, base), part, fill, style.font(face), anchor="ls", **_way(way))
                left += style.length(face, part, way)
        return start + width

    def words(self, card):
        said = bool(card.name)
        words = card.words
        if len(words) > CUT:
            words = words[:CUT].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
        size, weight = 57 if len(words) < 180 else 44, 400
        if not said:
            size, weight = 76 if len(words) <= 60 else 64 if len(words) <= 110 else 50, 500
        open_, close = MARKS.get(card.language.split("-")[0], ("“", "”"))
        room = 330
        while True:
            style = Style(size, SERIF, weight)
            lines = lines_of(words, style, WIDTH - 2 * EDGE)
            leading = round(size * (1.42 if self.mirrored else 1.12))
            if len(lines) * leading <= room or size < 24:
                break
            size -= 3
        base = (56 if said else 112) + size
        if card.label:
            self.text(EDGE, 88, card.label, Style(24, SANS, 600), colour("on-ground-mark"))
        for number, line in enumerate(lines):
            start = EDGE
            if said and number == 0:
                hang = 0 if open_.startswith("«") else style.width(open_)
                start = self.text(EDGE - hang, base, open_, style, colour("on-ground-mark"))
            end = self.text(start, base, line, style, colour("on-ground"))
            if said and number == len(lines) - 1:
                self.text(end, base, close, style, colour("on-ground-mark"))
            base += leading

    def speaker(self, card):
        """The portrait stands on the lower edge; beside it who said it, in which office, where and when."""
        box = (156, 195)
        x = WIDTH - EDGE - box[0] if self.mirrored else EDGE
        self.image.paste(portrait(card, box), (x, HEIGHT - box[1]))
        start, room = EDGE + box[0] + 28, 590
        office = Style(24)
        held = lines_of(card.office, office, room)[:2] if card.office else []
        base = 582 - 32 * len(held)
        self.text(start, base - 10, *_fitting(card.name, 30, room, weight=500), colour("on-ground"))
        for number, line in enumerate(held):
            base += 32
            end = start
            if card.then and number == 0:
                end = self.text(start, base - 6, f"{card.then} ", Style(24, italic=True), colour("on-ground"))
            self.text(end, base - 6, line, office, colour("on-ground"))
        self.text(start, 606, *_fitting(card.line, 20, room, family=SANS), colour("on-ground-soft"))

    def foot(self, card):
        self.text(EDGE, 582, *_fitting(card.line, 24, 640, family=SANS), colour("on-ground-soft"))

    def house(self):
        """The institution at the far end: its mark where it has one as a PNG, its name in two lines."""
        style = Style(24, SERIF, 500)
        lines = lines_of(settings.INSTITUTION["name"], style, 200)[:3]
        width = max(map(style.width, lines))
        start, base = WIDTH - EDGE - width, 582 - 26 * (len(lines) - 1)
        mark = mark_of_the_house()
        if mark:
            x = start - 16 - mark.width
            left = round(WIDTH - x - mark.width if self.mirrored else x)
            middle = round(base + 13 * (len(lines) - 1) - 8 - mark.height / 2)
            self.image.paste(colour("on-ground-mark"), (left, middle), mark)
        for line in lines:
            self.text(start, base, line, style, colour("on-ground"))
            base += 26

    def png(self):
        """Few colours: a third of the weight, and no eye sees it."""
        file = io.BytesIO()
        few = self.image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(file, "PNG")
        return file.getvalue()


def _fitting(text, size, room, **style):
    """(the text, the largest style of up to `size` in which it is no wider than `room`): cut where no size will do."""
    for px in range(size, 14, -2):
        fit = Style(px, **style)
        if fit.width(text) <= room:
            return text, fit
    return f"{next(_cut(text, fit, room))[:-1]}…", fit


def portrait(card, box):
    if card.portrait:
        try:
            with default_storage.open(card.portrait) as file, Image.open(file) as image:
                return ImageOps.fit(ImageOps.exif_transpose(image).convert("L"), box).convert("RGB")
        except (OSError, UnidentifiedImageError):
            pass  # a lost file: the initials, as where there is no portrait
    plate = Image.new("RGB", box, colour("plate"))
    font = faces(SERIF, 500)[0].at(64, 500)
    if can_set(card.initials):
        ImageDraw.Draw(plate).text((box[0] / 2, box[1] / 2), card.initials, colour("plate-ink"), font, anchor="mm")
    return plate


@cache
def mark_of_the_house():
    """The institution's mark as a stencil: the PNG beside its SVG among the static files, if there is one."""
    file = _mark_file()
    if not file:
        return None
    with Image.open(file) as image:
        return ImageOps.contain(image.convert("RGBA").getchannel("A"), (48, 48))


def _mark_file():
    mark = settings.INSTITUTION["mark"]
    return mark and finders.find(str(Path(mark).with_suffix(".png")))
