"""Make the font files of this folder and static/css/fonts.css. Run by hand, once per change of a typeface.

    npm install @fontsource-variable/literata@5.3.0 @fontsource-variable/ibm-plex-sans@5.3.0 \
        @fontsource-variable/noto-naskh-arabic@5.3.0 @fontsource/ibm-plex-sans-arabic@5.3.0 \
        @fontsource/gelasio @fontsource/tinos @fontsource/arimo @fontsource/roboto
    pip install fonttools==4.68.0 brotli==1.2.1
    python make.py NODE_MODULES

The last four packages are only measured: they have the widths of Georgia, Times New Roman, Arial and Roboto, on which
the local fallbacks are fitted. Nothing else of this project needs this script or its inputs.
"""

import shutil
import sys
from copy import deepcopy
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent
LITERATA = "@fontsource-variable/literata/files/literata-{}-opsz-{}.woff2"
PLEX = "@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-{}-wght-normal.woff2"
NASKH = "@fontsource-variable/noto-naskh-arabic/files/noto-naskh-arabic-{}-wght-normal.woff2"
PLEX_ARABIC = "@fontsource/ibm-plex-sans-arabic/files/ibm-plex-sans-arabic-arabic-{}-normal.woff2"
SUBSETS = "latin", "latin-ext", "greek", "cyrillic"
DAGGER = 0x2020
# Figures and points of an Arabic text come from Naskh itself: Literata's look too big beside it.
ARABIC_COMPANY = {ord(sign) for sign in " \u00a00123456789.,:;!?()[]/%+-–—«»“”‘’…"}
# How often a letter stands in ordinary English text, per thousand: the weights of a mean width.
ENGLISH = dict(
    zip(
        " etaoinshrdlucmfwygpbvkxjqz",
        (180, 102, 75, 65, 62, 57, 57, 53, 50, 49, 35, 33, 23, 23, 20, 18, 19, 16, 16, 15, 12, 8, 6, 1, 1, 1, 1),
        strict=True,
    )
)
FALLBACKS = {
    "Literata": (
        ("Georgia", "gelasio", ["Georgia"]),
        ("Times", "tinos", ["Times New Roman", "Liberation Serif"]),
    ),
    "IBM Plex Sans": (
        ("Arial", "arimo", ["Arial", "Helvetica", "Liberation Sans"]),
        ("Roboto", "roboto", ["Roboto"]),
    ),
}


def graft(font, donor, codepoint):
    """Copy one simple glyph with all its variations from `donor` (same design space) to `font`."""
    name = donor.getBestCmap()[codepoint]
    font.ensureDecompiled()  # gvar refuses to be read once the number of glyphs has changed
    font["glyf"][name] = deepcopy(donor["glyf"][name])
    font["gvar"].variations[name] = deepcopy(donor["gvar"].variations[name])
    for table in "hmtx", "vmtx":
        if table in font:
            font[table][name] = donor[table][name]
    for table in "HVAR", "VVAR":  # they would need a row for the new glyph; the outlines' phantom points say the same
        if table in font:
            del font[table]
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[codepoint] = name


def keep(font, codepoints):
    """Drop every other character, keeping all OpenType features of those that stay."""
    options = Options(layout_features=["*"], notdef_outline=True, name_IDs=["*"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codepoints)
    subsetter.subset(font)


def ranges(codepoints):
    """`U+20-7E,U+A0` for a set of numbers."""
    runs = []
    for point in sorted(codepoints):
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ",".join(f"U+{first:X}" + (f"-{last:X}" if last > first else "") for first, last in runs)


def mean_width(font):
    """Mean advance of English text in units of the em."""
    cmap, advances = font.getBestCmap(), font["hmtx"]
    total = sum(advances[cmap[ord(letter)]][0] * weight for letter, weight in ENGLISH.items())
    return total / sum(ENGLISH.values()) / font["head"].unitsPerEm


class Press:
    """Writes files beside this script and collects the @font-face rules that describe them."""

    def __init__(self, modules):
        self.modules, self.rules, self.seen = modules, [], {}

    def open(self, path):
        return TTFont(self.modules / path, recalcTimestamp=False)  # the same inputs give the same bytes

    def write(self, font, family, file, weight="400 600", style="normal"):
        """Save, giving this file only the characters no earlier file of the same face has."""
        font.flavor = "woff2"
        font.save(HERE / file)
        seen = self.seen.setdefault((family, weight, style), set())
        covered = set(font.getBestCmap()) - seen
        seen |= {point for point in covered if not 0x300 <= point < 0x370}  # an accent goes with the letter it sits on
        self.rules.append(
            f'@font-face{{font-family:"{family}";src:url("../fonts/{file}") format("woff2");'
            f"font-weight:{weight};font-style:{style};font-display:swap;unicode-range:{ranges(covered)}}}"
        )
        sys.stdout.write(f"{(HERE / file).stat().st_size / 1024:6.1f} KB  {file}\n")

    def fallback(self, family, font, size="", kerned=1.0):
        """A local face per common system font, scaled to the widths and line of ours so that nothing shifts.

        `size` tells apart the fallbacks of one family cut for small and for large letters; `kerned` is how much
        narrower our own kerning sets what stands there.
        """
        em, lines = font["head"].unitsPerEm, font["hhea"]
        for label, package, locals_ in FALLBACKS[family]:
            local = self.open(f"@fontsource/{package}/files/{package}-latin-400-normal.woff2")
            scale = mean_width(font) / mean_width(local) * kerned
            sources = ",".join(f'local("{name}")' for name in locals_)
            self.rules.append(
                f'@font-face{{font-family:"{family}{size} as {label}";src:{sources};size-adjust:{scale:.2%};'
                f"ascent-override:{lines.ascent / em / scale:.2%};descent-override:{-lines.descent / em / scale:.2%};"
                "line-gap-override:0%}"
            )


def main(modules):
    press = Press(Path(modules))
    for subset in SUBSETS:
        font = press.open(LITERATA.format(subset, "normal"))
        if subset == "latin":
            graft(font, press.open(LITERATA.format("latin-ext", "normal")), DAGGER)
            press.fallback("Literata", instancer.instantiateVariableFont(deepcopy(font), {"opsz": 19, "wght": 400}))
            large = instancer.instantiateVariableFont(deepcopy(font), {"opsz": 66, "wght": 500})
            press.fallback("Literata", large, " large", kerned=0.972)  # measured on titles, with their capitals
        press.write(
            instancer.instantiateVariableFont(font, {"wght": (400, 600)}), "Literata", f"literata-{subset}.woff2"
        )
    for subset in SUBSETS:
        italic = instancer.instantiateVariableFont(
            press.open(LITERATA.format(subset, "italic")), {"opsz": 18, "wght": 400}
        )
        press.write(italic, "Literata", f"literata-italic-{subset}.woff2", "400", "italic")
    for subset in SUBSETS:
        font = press.open(PLEX.format(subset))
        if subset == "latin":
            graft(font, press.open(PLEX.format("latin-ext")), DAGGER)
            press.fallback("IBM Plex Sans", instancer.instantiateVariableFont(deepcopy(font), {"wght": 400}))
        font = instancer.instantiateVariableFont(font, {"wght": (400, 600)})
        press.write(font, "IBM Plex Sans", f"plex-{subset}.woff2")
    naskh = instancer.instantiateVariableFont(press.open(NASKH.format("arabic")), {"wght": (400, 600)})
    press.write(naskh, "Noto Naskh Arabic", "naskh.woff2")
    company = press.open(NASKH.format("latin"))
    keep(company, ARABIC_COMPANY)
    company = instancer.instantiateVariableFont(company, {"wght": (400, 600)})
    # A family of its own, so that a Latin page never fetches it for a full stop.
    press.write(company, "Noto Naskh Figures", "naskh-figures.woff2")
    for weight in 400, 500, 600:
        press.write(
            press.open(PLEX_ARABIC.format(weight)), "IBM Plex Sans Arabic", f"plex-arabic-{weight}.woff2", str(weight)
        )
    head = "/* Written by ../fonts/make.py. Every file is fetched only when a page has a character of its range. */\n"
    (HERE.parent / "css" / "fonts.css").write_text(head + "\n".join(press.rules) + "\n")
    for package in (LITERATA, PLEX, NASKH, PLEX_ARABIC):
        owner, name = package.split("/")[:2]
        shutil.copy(Path(modules) / owner / name / "LICENSE", HERE / f"OFL-{name}.txt")


if __name__ == "__main__":
    main(sys.argv[1])
