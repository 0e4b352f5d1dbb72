"""Paints the pictures of the demo newsroom: six landscapes and nine portraits, none of them of a real place or person,
and the institution's mark as icons.

Run as `python paint.py OUTDIR [NAME ...]`. Needs Pillow only, reads nothing, and draws the same picture every time.
Arithmetic on whole pictures goes through Pillow's ImageMath (see Field), which is quick enough to march rays through
a modelled head; mountains are height maps seen in perspective, drawn column by column from front to back.
"""

# ruff: noqa: S311 - the noise must be the same every time; nothing here is secret.

import heapq
import itertools
import math
import operator
import random
import sys
from array import array
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageMath, ImageOps

INK = (14, 32, 38)
PLATE = (228, 235, 233)


class Field:
    """A picture of floats that adds, multiplies and compares like a number; comparisons give 0 and 1."""

    def __init__(self, image):
        self.image = image

    @classmethod
    def ramp(cls, size, left, right, across=True):
        """Values rising evenly from `left` to `right` (or, with `across` false, from top to bottom)."""
        width, height = size
        count = width if across else height
        line = array("f", (left + (right - left) * (i + 0.5) / count for i in range(count)))
        strip = Image.frombytes("F", (count, 1) if across else (1, count), line.tobytes())
        return cls(strip.resize(size, Image.Resampling.NEAREST))

    @classmethod
    def noise(cls, size, cells, seed, stretch=1.0):
        """Smooth noise in about -1..1, `cells` lattice cells across, turned by an angle of its own, `stretch` times
        longer across than down."""
        rng = random.Random(seed)
        width, height = size
        turn = rng.uniform(0.3, 1.2) if stretch == 1.0 else 0.0
        step = cells / width
        c, s = math.cos(turn) * step, math.sin(turn) * step
        reach = int((abs(c) * width + abs(s) * height) + (abs(c) + abs(s)) * height * stretch) + 6
        grid = array("f", (rng.uniform(-1, 1) for _ in range(reach * reach)))
        image = Image.frombytes("F", (reach, reach), grid.tobytes())
        shift = (c, -s * stretch, 2.5 + s * stretch * height, s, c * stretch, 2.5)
        return cls(image.transform(size, Image.Transform.AFFINE, shift, Image.Resampling.BICUBIC))

    @classmethod
    def fractal(cls, size, cells, octaves, seed, gain=0.5, stretch=1.0):
        """Noise summed over octaves, each twice as fine and `gain` as strong."""
        total, strength = cls.noise(size, cells, seed, stretch), 1.0
        for octave in range(1, octaves):
            strength *= gain
            total = total + cls.noise(size, cells * 2**octave, seed * 131 + octave, stretch) * strength
        return total

    def _with(self, op, other, swap=False):
        a, b = self.image, other.image if isinstance(other, Field) else float(other)

        def work(env):
            left, right = env["a"], env.get("b", b)
            return op(right, left) if swap else op(left, right)

        images = {"a": a, "b": b} if isinstance(other, Field) else {"a": a}
        result = ImageMath.lambda_eval(work, **images)
        return Field(result if result.mode == "F" else result.convert("F"))

    def __add__(self, other):
        return self._with(operator.add, other)

    __radd__ = __add__

    def __mul__(self, other):
        return self._with(operator.mul, other)

    __rmul__ = __mul__

    def __sub__(self, other):
        return self._with(operator.sub, other)

    def __rsub__(self, other):
        return self._with(operator.sub, other, swap=True)

    def __truediv__(self, other):
        return self._with(operator.truediv, other)

    def __rtruediv__(self, other):
        return self._with(operator.truediv, other, swap=True)

    def __mod__(self, other):
        return self._with(operator.mod, other)

    def __pow__(self, other):
        return self._with(operator.pow, other)

    def __neg__(self):
        return self * -1.0

    def __abs__(self):
        return self.max(-self)

    def __lt__(self, other):
        return self._with(operator.lt, other)

    def __gt__(self, other):
        return self._with(operator.gt, other)

    def min(self, other):
        return self._with(ImageMath.imagemath_min, other)

    def max(self, other):
        return self._with(ImageMath.imagemath_max, other)

    def clip(self, low=0.0, high=1.0):
        return self.max(low).min(high)

    def root(self):
        return self.max(0.0) ** 0.5

    def step(self, low, high):
        """0 below `low`, 1 above `high`, smooth between (either way round)."""
        t = ((self - low) * (1.0 / (high - low))).clip()
        return t * t * (3.0 - 2.0 * t)

    def wave(self):
        """A triangle wave of period 1 between 0 and 1; the argument may be any size above -1000."""
        return abs(((self + 1000.0) % 1.0) * 2.0 - 1.0)

    def resized(self, size):
        return Field(self.image.resize(size, Image.Resampling.BICUBIC))

    def softened(self, factor):
        """Blurred by about `factor` pixels (Pillow has no blur for floats, so down and up again)."""
        width, height = self.image.size
        small = (max(2, round(width / factor)), max(2, round(height / factor)))
        return Field(self.image.resize(small, Image.Resampling.BOX).resize((width, height), Image.Resampling.BICUBIC))

    def shifted(self, dx, dy):
        """What lies `dx` to the right and `dy` below each place; the edges repeat."""
        width, height = self.image.size
        moved = self.image.transform(self.image.size, Image.Transform.AFFINE, (1, 0, dx, 0, 1, dy))
        if dx > 0:
            moved.paste(self.image.crop((width - dx, 0, width, height)), (width - dx, 0))
        elif dx < 0:
            moved.paste(self.image.crop((0, 0, -dx, height)), (0, 0))
        if dy > 0:
            moved.paste(self.image.crop((0, height - dy, width, height)), (0, height - dy))
        elif dy < 0:
            moved.paste(self.image.crop((0, 0, width, -dy)), (0, 0))
        return Field(moved)

    @classmethod
    def drawn(cls, size, paint, blur=0.0):
        """A field of 0..1 from what `paint(draw)` draws in white on black, antialiased, then blurred."""
        double = Image.new("L", (size[0] * 2, size[1] * 2))
        paint(ImageDraw.Draw(double))
        image = double.resize(size, Image.Resampling.BOX)
        if blur:
            image = image.filter(ImageFilter.GaussianBlur(blur))
        return cls(image.convert("F")) * (1 / 255)

    def grey(self):
        """An 8-bit picture in which 0 is black and 1 is white."""
        return (self * 255.0 + 0.5).clip(0, 255).image.convert("L")


# Portraits. Head frame: u to the viewer's right, v up, w towards the viewer; chin at v = -1, crown at v = 1.


@dataclass
class Sitter:
    """What tells one face from another. Lengths in head frame units, tones 0 (black) to 1 (white)."""

    yaw: float = 0.4
    tilt: float = 0.0
    skin: float = 0.8
    hair_tone: float = 0.25
    hair: str = "short"
    width: float = 1.0
    jaw: float = 0.5
    chin: float = 0.17
    nose: float = 1.0
    nose_wide: float = 1.0
    lips: float = 1.0
    smile: float = 0.0
    brow: float = 0.5
    brow_height: float = 0.2
    brow_tone: float = 0.3
    eye: float = 1.0
    age: float = 0.2
    beard: float = 0.0
    moustache: float = 0.0
    neck: float = 0.36
    glasses: str = ""
    earring: bool = False
    garment: str = "jacket"
    cloth: float = 0.15
    seed: int = 1
    extra: dict = field(default_factory=dict)


def length(*parts):
    return sum((p * p for p in parts[1:]), parts[0] * parts[0]).root()


def ellipsoid(p, centre, radii):
    q = [(a - c) * (1.0 / r) for a, c, r in zip(p, centre, radii, strict=True)]
    return (length(*q) - 1.0) * min(radii)


def capsule(p, a, b, thin, thick):
    """A rod from `a` to `b` whose radius goes from `thin` to `thick`."""
    along = [y - x for x, y in zip(a, b, strict=True)]
    scale = 1.0 / sum(d * d for d in along)
    offset = [x - y for x, y in zip(p, a, strict=True)]
    t = sum(o * (d * scale) for o, d in zip(offset, along, strict=True)).clip()
    return length(*(o - t * d for o, d in zip(offset, along, strict=True))) - (t * (thick - thin) + thin)


def blend(a, b, k):
    """The union of two solids, with a fillet of size `k`."""
    h = (1.0 - abs(a - b) * (1.0 / k)).max(0.0)
    return a.min(b) - h * h * (k / 4)


def carve(a, b, k):
    """Solid `a` without solid `b`, the edge rounded by `k`."""
    return -blend(-a, b, k)


def bump(x, y, cx, cy, sx, sy):
    """A soft hill of height 1, close to a Gaussian but without an exponential."""
    p, q = (x - cx) * (1 / sx), (y - cy) * (1 / sy)
    b = (1.0 - (p * p + q * q) * 0.25).max(0.0)
    b = b * b
    return b * b


def crease(x, y, a, b, breadth):
    """A soft ridge of height 1 along the line from `a` to `b`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    px, py = x - a[0], y - a[1]
    t = ((px * dx + py * dy) * (1.0 / (dx * dx + dy * dy))).clip()
    px, py = (px - t * dx) * (1 / breadth), (py - t * dy) * (1 / breadth)
    h = (1.0 - (px * px + py * py) * 0.25).max(0.0)
    return h * h * (t * (1.0 - t) * 3.0 + 0.25).min(1.0)


class Bust:
    """The solid model of a sitter: `parts(x, y, z)` gives the distance to each material in the view's frame."""

    def __init__(self, sitter):
        self.sitter = sitter
        self.cos, self.sin = math.cos(sitter.yaw), math.sin(sitter.yaw)
        self.tcos, self.tsin = math.cos(sitter.tilt), math.sin(sitter.tilt)

    def head_frame(self, x, y, z):
        s = self
        y, z = y + 0.8, z + 0.1
        y, z = y * s.tcos - z * s.tsin - 0.8, y * s.tsin + z * s.tcos - 0.1
        return x * s.cos - z * s.sin, y, x * s.sin + z * s.cos

    def parts(self, x, y, z):
        p = self.head_frame(x, y, z)
        q = (x, y - 0.1, z)
        parts = {"skin": self.skin(p, q), "cloth": self.cloth(q)}
        for name, solid in (("hair", self.hair(p)), ("frame", self.frame(p)), ("collar", self.collar(q))):
            if solid is not None:
                parts[name] = solid
        return parts

    def skin(self, p, q):
        s = self.sitter
        u, v, w = p
        side = abs(u)
        m = (side, v, w)
        head = ellipsoid(p, (0, 0.28, -0.08), (0.6 * s.width, 0.7, 0.8))
        face = ellipsoid(p, (0, -0.2, 0.16), (0.53 * s.width, 0.76, 0.6))
        head = blend(head, face, 0.22)
        head = blend(head, capsule(m, (0.0, -0.8, 0.5), (s.jaw, -0.48, -0.02), s.chin, 0.13), 0.24)
        head = blend(head, ellipsoid(m, (0.33 * s.width, -0.2, 0.46), (0.2, 0.17, 0.2)), 0.22)
        n = s.nose
        tip = (0.0, -0.32, 0.82 + 0.13 * n)
        head = blend(head, capsule(p, (0.0, 0.16, 0.71), tip, 0.05, 0.083 * s.nose_wide), 0.1)
        wing = ellipsoid(m, (0.092 * s.nose_wide, -0.35, 0.79 + 0.04 * n), (0.075 * s.nose_wide, 0.07, 0.1))
        head = blend(head, wing, 0.06)
        head = blend(head, ellipsoid(m, (0.31, -0.005, 0.555), (0.19, 0.16, 0.16)), 0.05)
        full = s.lips
        relief = (
            bump(side, v, 0.3, s.brow_height - 0.01, 0.2, 0.07) * (0.03 + 0.03 * s.brow)
            - bump(side, v, 0.17, 0.03, 0.07, 0.1) * 0.05
            - bump(side, v, 0.34, 0.125, 0.16, 0.03) * 0.03
            + bump(side, v, 0.0, -0.62, 0.22, 0.16) * 0.06
            + bump(side, v, 0.07, -0.565 + 0.01 * full, 0.13, 0.035 * full) * 0.035 * full
            + bump(u, v, 0.0, -0.685 - 0.01 * full, 0.13, 0.045 * full) * 0.05 * full
            - bump(u, v, 0.0, -0.622, 0.2, 0.016) * 0.03
            - bump(u, v, 0.0, -0.785, 0.17, 0.045) * 0.035
            - bump(u, v, 0.0, -0.49, 0.03, 0.05) * 0.02
            + bump(u, v, 0.0, -0.92, 0.12, 0.08) * 0.02
            - bump(side, v, 0.27, -0.61 + 0.05 * s.smile, 0.05, 0.05) * 0.03
        )
        if s.age:
            relief = relief - crease(side, v, (0.15, -0.34), (0.29, -0.66), 0.035) * 0.035 * s.age
            relief = relief - crease(side, v, (0.2, -0.1), (0.4, -0.12), 0.025) * 0.03 * s.age
            relief = relief - crease(side, v, (0.3, -0.68), (0.27, -0.84), 0.04) * 0.02 * s.age
        head = head - relief * (w - 0.1).clip(0.0, 0.3) * (1 / 0.3)
        lean = v - 0.25 * (w + 0.1)
        ear = ellipsoid((side - lean * 0.12, lean, w), (0.6 * s.width, -0.1, -0.12), (0.06, 0.2, 0.12))
        ear = carve(ear, ellipsoid(m, (0.69 * s.width, -0.06, -0.05), (0.06, 0.11, 0.06)), 0.05)
        head = blend(head, ear, 0.05)
        neck = capsule(q, (0.0, -0.6, -0.2), (0.0, -1.6, -0.3), s.neck - 0.02, s.neck + 0.05)
        if s.beard:
            head = head - beard_mask(s, u, v, w, 0.0) * 0.05
        return blend(head, neck, 0.16)

    def cloth(self, q):
        x, y, z = q
        s = self.sitter
        wide = 1.0 if s.neck > 0.34 else 0.9
        body = ellipsoid(q, (0.0, -2.3, -0.3), (1.5 * wide, 0.95, 0.62))
        shoulder = capsule((abs(x), y, z), (0.0, -1.38, -0.38), (1.3 * wide, -1.82, -0.38), 0.2, 0.4)
        return blend(body, shoulder, 0.3)

    def collar(self, q):
        s = self.sitter
        x, y, z = q
        if s.garment in ("jacket", "tie"):
            drop = y + 1.2 + (z + 0.3) * 0.42
            ring = length(x, (z + 0.27) * 0.95) - (s.neck + 0.07 - drop * 0.25)
            shell = length(ring.max(0.0), (abs(drop) - 0.12).max(0.0)) - 0.03
            gap = (abs(x) - (y + 1.47) * 0.45).max(-z)
            return carve(shell, gap * 0.8, 0.02)
        if s.garment == "roll":
            ring = length(x, z + 0.27) - (s.neck + 0.07)
            return length(ring.max(0.0), (abs(y + 1.14 + (z + 0.3) * 0.2) - 0.13).max(0.0)) - 0.06
        if s.garment == "scarf":
            fold = (x * 1.1 + y * 2.6 + z * 0.6 + 3.0).wave() * 0.05
            ring = length(x * 0.9, z + 0.25) - (s.neck + 0.17)
            loop = length(ring, (y + 1.3 + (z + 0.25) * 0.3) * 0.75) - 0.2
            tail = ellipsoid(q, (0.26, -1.75, 0.3), (0.2, 0.6, 0.14))
            return (blend(loop, tail, 0.1) - fold) * 0.8
        return None

    def hair(self, p):
        s = self.sitter
        u, v, w = p
        side = abs(u)
        if s.hair == "none":
            return None
        more = s.extra
        lift = more.get("lift", 0.05)
        cap = ellipsoid(p, (0, 0.3, -0.1), (0.61 * s.width + lift, 0.71 + lift, 0.81 + lift))
        line = more.get("line", 0.6)
        window = ellipsoid(
            (side, v, w), (0.0, line - 0.95, 0.85), (more.get("temple", 0.7) * s.width, 0.95, more.get("deep", 0.8))
        )
        if s.hair in ("short", "crop", "curly", "fringe", "bun"):
            low = -v + more.get("nape", -0.35) + (-w) * 0.5
            cap = -blend(-cap, -low, 0.1)
            window = window.min(ellipsoid((side, v, w), (0.7, -0.28, 0.12), (0.3, 0.45, 0.38)))
        if s.hair == "bun":
            cap = blend(cap, ellipsoid(p, more.get("bun", (0, 0.95, -0.62)), (0.3, 0.27, 0.3)), 0.06)
        if s.hair in ("bob", "long"):
            drop = more.get("drop", -0.75)
            curtain = capsule(
                (side, v, w), (0.5, 0.3, -0.18), (0.56, drop, more.get("back", -0.15)), 0.3, more.get("ends", 0.26)
            )
            back = ellipsoid(p, (0.0, drop / 2, -0.4), (0.62, 0.9, 0.42))
            cap = blend(blend(cap, curtain, 0.2), back, 0.15)
            cap = -blend(-cap, v - drop + 0.12, 0.2)
            window = window.min(ellipsoid((side, v, w), (0.0, -0.5, 0.85), (0.52 * s.width, 1.0, 0.68)))
        if s.hair == "balding":
            cap = cap.max(v - 0.38 - (-w - 0.1) * 0.35).max(-v - 0.3 - w * 0.5)
            window = ellipsoid((side, v, w), (0.0, 0.1, 0.9), (0.85, 1.2, 0.78))
        if s.hair == "veil":
            cap = blend(cap, ellipsoid(p, (0.0, -0.75, -0.12), (0.56, 0.7, 0.62)), 0.3)
            cap = blend(cap, ellipsoid((u, v, w), (0.0, -1.42, -0.12), (1.0, 0.46, 0.68)), 0.3)
            window = ellipsoid((side, v, w), (0.0, -0.15, 0.85), (0.5 * s.width, 0.8, 0.8))
            folds = (u * 0.9 + v * 1.7 + (w * 0.8).wave() * 0.5).wave() * ((0.25 - v) * 2.0).clip(0.1, 1.0) * 0.045
            return carve(cap, window, 0.05) - folds
        if s.hair == "short":
            cap = blend(cap, ellipsoid(p, more.get("quiff", (-0.08, 0.82, 0.22)), (0.46, 0.2, 0.42)), 0.2)
        locks = strands(u * 1.7, v, w) * (0.02 if s.hair == "crop" else 0.08)
        cap = carve(cap, window - locks + 0.03, more.get("edge", 0.04))
        if s.hair == "curly":
            knots = ((u * 4.2 + v * 1.3).wave() + (v * 4.4 - w * 1.1).wave() + (w * 4.0 + u * 1.7).wave()) * 0.035
            return (cap - knots) * 0.7
        return cap - strands(u, v, w) * 0.014

    def frame(self, p):
        s = self.sitter
        if not s.glasses:
            return None
        u, v, w = p
        side = abs(u)
        plane = w - 0.88 + side * side * 0.35
        x, y = side - 0.31, v + 0.02
        if s.glasses == "round":
            rim = abs(length(x, y) - 0.205)
            thick = 0.024
        else:
            bx, by = (abs(x) - 0.12).max(0.0), (abs(y) - 0.06).max(0.0)
            rim = abs(length(bx, by) - 0.085)
            thick = 0.02 if s.glasses == "fine" else 0.026
        rims = length(rim, plane) - thick
        bridge = capsule((side, v, w), (0.0, 0.05, 0.9), (0.115, 0.03, 0.87), thick, thick)
        arm = capsule((side, v, w), (0.5, 0.05, 0.8), (0.68 * s.width, 0.06, -0.12), thick, thick)
        return rims.min(bridge).min(arm)


def strands(u, v, w):
    """Uneven waves between 0 and 1 that run down the head as hair does."""
    comb = u * 3.7 + w * 2.6 + (v * 1.3 + u * 0.4).wave() * 0.35
    return comb.wave() * 0.4 + (comb * 2.73 + 0.2).wave() * 0.35 + (comb * 5.9 + v * 0.8).wave() * 0.25


def march(bust, x, y, steps):
    """The depth at which rays from the viewer meet the bust, and a mask of those that do."""
    z = x * 0.0 + 1.25
    for _ in range(steps):
        gap = nearest(bust.parts(x, y, z))
        z = (z - gap * 0.85).max(-1.7)
    return z, (gap < 0.06) * (z > -1.5)


def nearest(parts):
    values = list(parts.values())
    gap = values[0]
    for part in values[1:]:
        gap = gap.min(part)
    return gap


def tone_of(sitter, size, steps):
    """The bust in light, as (tone, depth, mask) fields of the given size."""
    bust = Bust(sitter)
    x = Field.ramp(size, -1.28, 1.28)
    y = Field.ramp(size, 1.5, -1.7, across=False)
    z, hit = march(bust, x, y, steps)
    parts = bust.parts(x, y, z)
    gap, e = nearest(parts), 0.012
    nx = nearest(bust.parts(x + e, y, z)) - gap
    ny = nearest(bust.parts(x, y + e, z)) - gap
    nz = nearest(bust.parts(x, y, z + e)) - gap
    norm = length(nx, ny, nz) + 1e-6
    nx, ny, nz = nx / norm, ny / norm, nz / norm

    # The light stands on the side the face is turned to, so that faces are bright and the near cheek is modelled.
    light = (math.copysign(0.5, sitter.yaw), 0.52, 0.69)
    key = (nx * light[0] + ny * light[1] + nz * light[2]).max(0.0)
    shade = hit * 0.0 + 1.0
    for reach in (0.06, 0.14, 0.26, 0.42, 0.62):
        towards = zip((x, y, z), (nx, ny, nz), light, strict=True)
        room = nearest(bust.parts(*(a + n * 0.03 + d * reach for a, n, d in towards)))
        shade = shade.min((room * (5.0 / (reach + 0.1)) * 0.25 + 0.2).clip())
    near = nearest(bust.parts(x + nx * 0.1, y + ny * 0.1, z + nz * 0.1))
    hollow = (near * 10.0).clip(0.25, 1.0)
    rim = (1.0 - nz).max(0.0)
    lit = key * shade * 0.82 + hollow * (0.32 + ny * 0.07 + (nx * -light[0]).max(0.0) * 0.2)

    tone = hit * 0.0
    albedo = albedos(sitter, bust, x, y, z, nz, parts)
    for name, part in parts.items():
        tone = tone + ((part - gap) < 0.002) * albedo[name]
    tone = tone.min(1.0) * lit
    return tone - rim * rim * rim * 0.1, z, hit


def albedos(sitter, bust, x, y, z, nz, parts):
    s = sitter
    u, v, w = bust.head_frame(x, y, z)
    side = abs(u)
    front = (w - 0.25).clip(0.0, 0.1) * 10.0

    def over(base, tone, mask):
        return base + (tone - base) * mask

    skin = x * 0.0 + s.skin
    skin = over(skin, s.skin * 0.82, bump(side, v, 0.36, -0.3, 0.16, 0.12) * 0.35 * front)
    # Lips, then the line between them, which bends with the smile.
    curve = -0.622 + side * side * (0.35 + 1.0 * s.smile) - bump(u, v, 0.0, -0.6, 0.04, 0.1) * 0.008
    reach = (1.0 - side * (1 / 0.235)).max(0.0)
    upper = (curve + 0.062 * s.lips * reach.root() - v) * 60.0
    lower = (v - curve + 0.098 * s.lips * reach.root()) * 60.0
    lips = upper.clip().min(lower.clip()) * (reach * 12).clip() * front
    skin = over(skin, s.skin * (0.66 if s.neck < 0.35 else 0.78), lips)
    parting = (1.0 - abs(v - curve) * (1 / 0.016)).max(0.0) * (1.15 - side * 4.2).clip() * front
    skin = over(skin, 0.08, parting.min(1.0))
    nostril = bump(side, v, 0.07 * s.nose_wide, -0.408, 0.035 * s.nose_wide, 0.016).min(1.0) * (w > 0.7)
    skin = over(skin, 0.06, (nostril * 1.4).min(1.0))
    # Eyes: an almond with white, iris and pupil, a heavy upper lid line, a light lower one.
    ex, ey = side - 0.31, v + 0.005
    ends = (1.0 - (ex * (1 / 0.145)) * (ex * (1 / 0.145))).max(0.0)
    top = ends * 0.055 * s.eye + ex * 0.06
    bottom = ends * -0.046 * s.eye + ex * 0.06
    inside = ((top - ey) * 70.0).clip().min(((ey - bottom) * 70.0).clip()) * front
    white = 0.9 * (0.55 + 0.45 * s.skin)
    eye = over(x * 0.0 + white, white * 0.45, ((ey - top + 0.045) * 28.0).clip())
    gaze = u - (u > 0.0) * 0.62 + 0.31 - s.extra.get("gaze", 0.0)
    r = length(gaze, ey - 0.014)
    eye = over(eye, 0.16 if s.skin < 0.7 else 0.24, ((0.072 - r) * 70.0).clip())
    eye = over(eye, 0.02, ((0.034 - r) * 70.0).clip())
    eye = over(eye, 1.6, ((0.02 - length(gaze + 0.024, ey - 0.036)) * 90.0).clip())
    skin = over(skin, eye, inside)
    lash = (1.0 - abs(ey - top - 0.006) * (1 / 0.02)).max(0.0) * (ends * 3.0 + (ex > 0.0) * 0.25).clip() * (ends > 0.0)
    skin = over(skin, 0.03, (lash * 1.7).min(1.0) * front)
    under = (1.0 - abs(ey - bottom + 0.004) * (1 / 0.012)).max(0.0) * (ends * 2.0).clip()
    skin = over(skin, s.skin * 0.35, under * 0.55 * front)
    lid = (1.0 - abs(ey - top - 0.048) * (1 / 0.014)).max(0.0) * (ends * 2.0).clip()
    skin = over(skin, s.skin * 0.45, lid * 0.6 * front)
    # Eyebrows, thicker towards the nose.
    arch = s.brow_height + 0.012 + (side - 0.15) * 0.3 - (side - 0.15) * (side - 0.15) * 0.85
    run = ((side - 0.13) * 14.0).clip() * ((0.52 - side) * 7.0).clip()
    hairs = (side * 17.0 + v * 9.0).wave() * 0.4 + 0.75
    thick = 0.022 + 0.022 * s.brow
    brow = (1.0 - abs(v - arch) * (1 / thick)).max(0.0) * run * hairs * front
    skin = over(skin, s.brow_tone * s.skin * 0.7, (brow * 1.7).min(1.0))
    if s.beard or s.moustache:
        skin = over(skin, s.hair_tone, beard_mask(s, u, v, w, lips))
    if s.age > 0.6:
        for height in (0.36, 0.45):
            line = (1.0 - abs(v - height + side * side * 0.15) * (1 / 0.012)).max(0.0) * (0.4 - side).clip(0, 0.2) * 5.0
            skin = over(skin, s.skin * 0.6, line * 0.5 * front * (s.age - 0.4))

    if s.hair == "veil":
        grain = 1.0
    else:
        grain = strands(u, v, w) * 0.8 + 0.6
    hair = (x * 0.0 + s.hair_tone) * grain
    y = y - 0.1
    jacket = x * 0.0 + s.cloth
    if s.garment in ("jacket", "tie", "open"):
        depth = (y + 2.25) * 0.36
        inset = ((depth - abs(x)) * 50.0).clip() * (z > -0.3)
        jacket = over(jacket, s.skin if s.garment == "open" else 0.95, inset)
        edge = (1.0 - abs(abs(x) - depth - 0.02) * (1 / 0.018)).max(0.0) * (z > -0.3)
        jacket = over(jacket, s.cloth * 0.2, edge)
        lapel = (1.0 - abs(abs(x) - depth * 1.2 - 0.2) * (1 / 0.015)).max(0.0) * (z > -0.2) * (y < -1.5)
        jacket = over(jacket, s.cloth * 0.3, lapel * 0.8)
        if s.garment == "tie":
            strip = ((0.07 + (y + 1.35) * -0.06 - abs(x)) * 60.0).clip() * (y < -1.3) * (z > -0.2)
            jacket = over(jacket, 0.2, strip)
    collar = {"jacket": 0.97, "tie": 0.97, "roll": s.cloth * 1.15, "scarf": s.extra.get("scarf", 0.6)}.get(
        s.garment, 0.9
    )
    weave = ((x * 7.0 + y * 3.0).wave() > 0.72) * 0.25 if s.garment == "scarf" else x * 0.0
    return {"skin": skin, "hair": hair, "cloth": jacket, "collar": (1.0 - weave) * collar, "frame": x * 0.0 + 0.03}


def beard_mask(s, u, v, w, lips):
    side = abs(u)
    upper_edge = -0.46 - (0.5 - side).clip(0.0, 0.5) * 0.25
    region = ((upper_edge - v + (side - 0.36).max(0.0) * 2.4) * 12.0).clip() * ((w + 0.2) * 6.0).clip()
    around = bump(side, v, 0.0, -0.62, 0.2, 0.1)
    full = region * (1.0 - (around * 1.4 - 0.2).clip() * 0.8) * s.beard
    lip = (1.0 - abs(v + 0.52 + side * side * 0.9) * (1 / 0.05)).max(0.0) * ((0.27 - side) * 12.0).clip()
    chin = bump(u, v, 0.0, -0.86, 0.17, 0.1)
    mask = full.max((lip * 1.6).min(1.0) * s.moustache).max((chin * 1.5).min(1.0) * s.beard)
    hairs = (u * 21.0 + v * 6.0).wave() * 0.35 + 0.75
    return (mask * hairs).min(1.0) * (1.0 - lips) * ((w + 0.2) * 6.0).clip()


def portrait(sitter, scale=0.5, size=(800, 1000)):
    """The bust as lines that swell with the shade and bend with the form, on a plain plate."""
    small = (round(size[0] * scale), round(size[1] * scale))
    tone, depth, hit = tone_of(sitter, small, 42)
    hit = Field(hit.grey().filter(ImageFilter.MedianFilter(5)).convert("F")) * (1 / 255)
    tone, depth, hit = (f.resized(size) for f in (tone, depth, hit))
    tone = tone.clip(0.0, 1.0) ** 0.62
    return engrave(tone, depth, hit, size)


def engrave(tone, depth, hit, size):
    mask = ((hit - 0.5) * 3.0 + 0.5).clip()
    down = Field.ramp(size, 0, size[1], across=False)
    across = Field.ramp(size, 0, size[0])
    form = depth.softened(14)
    pitch = 7.5
    first = ((down + across * 0.16 + form * 30.0) * (1 / pitch)).wave()
    second = ((down * 0.55 - across * 0.9 + form * 18.0) * (1 / pitch)).wave()
    ink = ((1.0 - tone) * 1.1 - 0.08 - first) * 3.0 + 0.5
    cross = ((0.5 - tone) * 1.7 - second) * 3.0 + 0.5
    drawn = ink.clip().max(cross.clip())
    # Enough of the plain tone stays under the lines for a face to read when the picture is small.
    mixed = drawn * 0.58 + (1.0 - tone) * 0.46
    paper = (1.0 - mixed.clip() * mask).grey()
    return ImageOps.colorize(paper, INK, PLATE)


# Landscapes. The map is a square of MAP pixels, 2 world units wide; the viewer stands at the middle of its upper edge
# and looks down the map: X to the right (-1..1), Y away (0..2), heights in the same unit.

MAP = 1024
WIDE, HIGH = 1600, 900
FOCAL = 1600.0


CELLS = 256


def carved(floor, seed, uplift=1.0, steepest=0.9, rounds=24):
    """Mountains cut by water: land rises evenly, streams find their way down to `floor` and wear it away.

    `floor` gives for (x, y) in world units the height of the valley floor there, or None where the ground may rise.
    The scheme is the implicit stream power law of Braun and Willett (2013), with slopes never over `steepest`.
    Returns a MAP-sized field of heights in world units.
    """
    n, cell = CELLS, 2.0 / CELLS
    rough = Field.fractal((n, n), 6, 5, seed)
    wild = array("f")
    wild.frombytes(rough.image.tobytes())
    base = [floor((i % n + 0.5) * cell - 1, (i // n + 0.5) * cell) for i in range(n * n)]
    near, far = cell, cell * math.sqrt(2)
    around = [(-1, near), (1, near), (-n, near), (n, near), (-n - 1, far), (-n + 1, far), (n - 1, far), (n + 1, far)]
    inner = [i for i in range(n * n) if 0 < i % n < n - 1 and 0 < i // n < n - 1]
    rise = [0.018 * uplift * (1.0 + 0.35 * w) for w in wild]
    # A first slope on which every drop finds the floor: the cheapest way there over uneven ground.
    rng = random.Random(seed)
    land = [9.0 if b is None else b for b in base]
    queue = [(b, i) for i, b in enumerate(base) if b is not None]
    heapq.heapify(queue)
    inside = set(inner)
    while queue:
        here, i = heapq.heappop(queue)
        if here > land[i] or i not in inside:
            continue
        for step, distance in around:
            there = here + distance * rng.uniform(0.05, 0.6) * max(0.3, 1.0 + 0.6 * wild[i])
            if there < land[i + step] and base[i + step] is None:
                land[i + step] = there
                heapq.heappush(queue, (there, i + step))
    for _ in range(rounds):
        lower, run = list(range(n * n)), [cell] * (n * n)
        for i in inner:
            best, here = 0.0, land[i]
            for step, distance in around:
                fall = (here - land[i + step]) / distance
                if fall > best:
                    best, lower[i], run[i] = fall, i + step, distance
        order = sorted(inner, key=land.__getitem__)
        water = [1.0] * (n * n)
        for i in reversed(order):
            if lower[i] != i:
                water[lower[i]] += water[i]
        for i in order:
            if base[i] is not None:
                continue
            j = lower[i]
            land[i] += rise[i]
            if j != i:
                wear = 0.33 * math.sqrt(water[i]) * near / run[i]
                land[i] = min((land[i] + wear * land[j]) / (1.0 + wear), land[j] + steepest * run[i])
        for i in range(n):
            land[i], land[-1 - i] = land[i + n], land[-1 - i - n]
            land[i * n], land[i * n + n - 1] = land[i * n + 1], land[i * n + n - 2]
    small = Image.frombytes("F", (n, n), array("f", land).tobytes())
    height = Field(small).resized((MAP, MAP))
    slope = length(height.shifted(4, 0) - height.shifted(-4, 0), height.shifted(0, 4) - height.shifted(0, -4))
    crag = Field.fractal((MAP, MAP), 34, 5, seed + 1, gain=0.55)
    return height + crag * (slope * 0.22).clip(0.0, 0.012)


def lit_map(height, sun=(-0.7, 0.25), elevation=0.55, rough=0.03, seed=5, snow=0.85, bare=0.62):
    """The map in light: (tone, steepness). `height` in world units; `snow` is the steepness at
    which rock shows, `bare` how dark it is."""
    cell = 2.0 / MAP
    dx = (height.shifted(1, 0) - height.shifted(-1, 0)) * (0.5 / cell)
    dy = (height.shifted(0, 1) - height.shifted(0, -1)) * (0.5 / cell)
    steep = length(dx, dy)
    norm = length(dx, dy, 1.0 + dx * 0.0)
    facing = (dx * -sun[0] + dy * -sun[1] + elevation) / norm * (1.0 / math.hypot(*sun, elevation))
    shadow = height
    for power in range(8):
        reach = 2**power
        ox, oy = round(sun[0] * reach), round(sun[1] * reach)
        shadow = shadow.max(shadow.shifted(ox, oy) - math.hypot(ox, oy) * cell * elevation / math.hypot(*sun))
    shaded = 1.0 - ((shadow - height) * 60.0).clip() * 0.55
    hollow = ((height - height.softened(24)) * 9.0).clip(-0.22, 0.22)
    light = facing.max(0.0) * shaded * 0.8 + 0.27 + hollow
    grit = Field.fractal((MAP, MAP), 60, 4, seed)
    rock = (steep + grit * 0.35 + hollow * 1.5).step(snow, snow + 0.25)
    tone = light * (1.02 - rock * (bare + grit * 0.12)) + grit * rough
    return tone, steep


class View:
    """A camera over a map: `horizon` is its row on the picture, `eye` its height, `near` where it begins to see."""

    def __init__(self, height, eye, horizon, near=0.16):
        self.height, self.eye, self.horizon, self.near = height, eye, horizon, near
        self.bands = [(near, near * 2), (near * 2, near * 4.5), (near * 4.5, 1.98)]
        self.rows = 380

    def project(self, x, y, h):
        """Where a point of the world stands on the picture."""
        return WIDE / 2 + FOCAL * x / y, self.horizon - FOCAL * (h - self.eye) / y

    def ground(self, x, y):
        """The height of the ground at a point of the world."""
        spot = (min(MAP - 1, max(0, int((x + 1) * MAP / 2))), min(MAP - 1, max(0, int(y * MAP / 2))))
        return self.height.image.getpixel(spot)

    def see(self, tone):
        """The picture of the ground as (tone, distance) fields; sky is 9 away."""
        heights, tones, away = [], [], []
        for start, end in self.bands:
            a, b = 1 / start, (1 / end - 1 / start) / self.rows
            lens = MAP / (2 * FOCAL * a)
            turn = (lens, MAP / 2 * b / a, MAP / 2 - lens * WIDE / 2, 0, 0, MAP / (2 * a), 0, b / a)
            size = (WIDE, self.rows)
            for source, columns in ((self.height, heights), (tone, tones)):
                seen = source.image.transform(size, Image.Transform.PERSPECTIVE, turn, Image.Resampling.BICUBIC)
                flat = array("f")
                flat.frombytes(seen.transpose(Image.Transpose.TRANSPOSE).tobytes())
                columns.append(flat)
            away += [1 / (a + b * row) for row in range(self.rows)]
        scale = [2 * FOCAL / y for y in away]
        bottom, base, eye = HIGH * 2, self.horizon * 2, self.eye
        shades, depths = array("f"), array("f")
        rows = self.rows
        for x in range(WIDE):
            hs, ts = [], []
            for band in range(len(self.bands)):
                hs += heights[band][x * rows : (x + 1) * rows]
                ts += tones[band][x * rows : (x + 1) * rows]
            shade, depth = [0.0] * bottom, [9.0] * bottom
            top, last, hidden = bottom, ts[0], False
            for h, t, k, y in zip(hs, ts, scale, away, strict=True):
                line = int(base - k * (h - eye))
                if line < top:
                    line = max(line, 0)
                    count = top - line
                    if count < 3 or hidden:
                        shade[line:top] = [t] * count
                    else:
                        rise = (last - t) / count
                        shade[line:top] = [t + rise * i for i in range(count)]
                    depth[line:top] = [y] * count
                    top, hidden = line, False
                    if not top:
                        break
                else:
                    hidden = True
                last = t
            shades.fromlist(shade)
            depths.fromlist(depth)
        return tuple(
            Field(
                Image.frombytes("F", (bottom, WIDE), buffer.tobytes())
                .transpose(Image.Transpose.TRANSPOSE)
                .resize((WIDE, HIGH), Image.Resampling.BOX)
            )
            for buffer in (shades, depths)
        )


def sky(seed, top=0.62, low=0.93, cloud=0.07):
    size = (WIDE, HIGH)
    clouds = Field.fractal(size, 3, 6, seed, stretch=3.2)
    return Field.ramp(size, top, low, across=False) + clouds * cloud


def scene(view, tone, seed, fog=0.45, mist_row=None, heavens=None, haze=0.9):
    """The view with air in it: far ground fades into the sky's foot, mist lies in the valley."""
    shade, depth = view.see(tone)
    heavens = sky(seed) if heavens is None else heavens
    land = 1.0 - ((depth - 2.5) * 0.4).clip()
    air = (1.0 - 1.0 / (1.0 + ((depth - view.near) * fog).max(0.0) ** 2.0)).clip(0.0, 0.96)
    if mist_row is not None:
        size = (WIDE, HIGH)
        drift = Field.fractal(size, 4, 5, seed + 3, stretch=3.0)
        row = Field.ramp(size, 0, HIGH, across=False) + drift * 70.0
        bank = (1.0 - abs(row - mist_row) * (1 / 150)).max(0.0) * (depth * 1.2 - 0.6).clip() * (0.62 + drift * 0.25)
        air = air.max(bank) + (1.0 - air) * bank * 0.4
    ground = shade + (haze - shade) * air.clip(0.0, 0.97)
    return heavens + (ground - heavens) * land.clip(), depth, land


def aquatint(tone, seed, depth=None):
    """Tone laid down as a plate would print it: fine hatching that bends with the slope, a grain, petrol ink."""
    size = (WIDE, HIGH)
    down = Field.ramp(size, 0, HIGH, across=False)
    across = Field.ramp(size, 0, WIDE)
    bend = tone.softened(30) * 60.0
    hatch = ((down * 0.8 + across * 0.42 + bend) * (1 / 5.0)).wave() - 0.5
    dark = (0.95 - tone).clip() * 0.13
    grain = Field.noise(size, 640, seed + 77) * 0.018 + Field.noise(size, 230, seed + 78) * 0.012
    printed = (tone + hatch * dark + grain).clip()
    return ImageOps.colorize(printed.grey(), INK, (240, 244, 242), mid=(112, 136, 138))


class Sketch:
    """Drawing over a painted tone, in picture coordinates and with tones 0..1, antialiased when `done`."""

    def __init__(self, tone):
        self.canvas = tone.grey().resize((WIDE * 2, HIGH * 2), Image.Resampling.BICUBIC)
        self.draw = ImageDraw.Draw(self.canvas)

    def line(self, points, tone, width=1.0):
        points = [(x * 2, y * 2) for x, y in points]
        self.draw.line(points, fill=round(tone * 255), width=max(1, round(width * 2)), joint="curve")

    def shape(self, points, tone):
        self.draw.polygon([(x * 2, y * 2) for x, y in points], fill=round(tone * 255))

    def disc(self, x, y, radius, tone):
        box = [v * 2 for v in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.ellipse(box, fill=round(tone * 255))

    def done(self):
        return Field(self.canvas.resize((WIDE, HIGH), Image.Resampling.BOX).convert("F")) * (1 / 255)


def mixed(tone, other, mask):
    return tone + (other - tone) * mask


def way(points, width, blur=0.6):
    """A mask on the map of a way through world points."""
    spots = [((x + 1) * MAP, y * MAP) for x, y in points]
    return Field.drawn((MAP, MAP), lambda draw: draw.line(spots, fill=255, width=width * 2, joint="curve"), blur)


def glow(spots, radius):
    """Soft light around picture points, for lamps and windows."""

    def paint(draw):
        for x, y in spots:
            draw.ellipse([v * 2 for v in (x - radius / 3, y - radius / 3, x + radius / 3, y + radius / 3)], fill=255)

    return Field.drawn((WIDE, HIGH), paint, radius)


def pass_road_winter():
    """A road climbs between two ridges to a pass."""

    def axis(y):
        return 0.13 * math.sin(y * 3.3 + 0.5) - 0.02

    def floor(x, y):
        return 0.02 + y * 0.05 if abs(x - axis(y)) < 0.09 + 0.5 * max(0.0, 0.5 - y) and y < 1.7 else None

    def road(y):
        return axis(y) + 0.045 * math.sin(y * 13.0) * min(1.0, y)

    height = carved(floor, 11, uplift=1.15)
    tone, _ = lit_map(height)
    path = [(road(i / 100), i / 100) for i in range(20, 172)]
    tone = mixed(mixed(tone, 1.0, way(path, 9, 1.2)), 0.3, way(path, 5))
    view = View(height, 0.17, 390, near=0.3)
    shade, _, _ = scene(view, tone, 4, mist_row=450)
    sketch = Sketch(shade)
    for i in range(60):
        y = 0.36 + i * 0.02
        for side in (-0.0095, 0.0095):
            x = road(y) + side
            base, top = view.project(x, y, 0.02 + y * 0.05), view.project(x, y, 0.0275 + y * 0.05)
            if y < 0.95:
                sketch.line([base, top], 0.12, 0.9 / y)
    return aquatint(sketch.done(), 1)


def glacier_survey():
    """A glacier tongue from above, its crevasses, its moraines and the line of survey stakes across it."""

    def axis(x):
        return 1.0 + 0.13 * math.sin(x * 3.0 + 0.6)

    def floor(x, y):
        return 0.1 - x * 0.05 if abs(y - axis(x)) < 0.17 - 0.03 * x else None

    height = carved(floor, 23, uplift=0.8, steepest=0.8).softened(9)
    tone, _ = lit_map(height, sun=(-0.6, -0.5), elevation=0.8, snow=0.78, rough=0.015, bare=0.3)
    tone = tone * 0.8 + 0.06
    size = (WIDE, HIGH)
    tone = Field(tone.image.resize(size, Image.Resampling.BICUBIC, box=(20, 236, 1004, 789)))
    along = Field.ramp(size, -1, 1)
    line = array("f", (axis(-1 + 2 * (i + 0.5) / WIDE) for i in range(WIDE)))
    middle = Field(Image.frombytes("F", (WIDE, 1), line.tobytes()).resize(size, Image.Resampling.NEAREST))
    off = (Field.ramp(size, 0.4375, 1.5625, across=False) - middle) / (0.17 - along * 0.03)
    warp = Field.fractal(size, 9, 5, 31)
    edge = abs(off) + warp * 0.04
    ice = (1.0 - edge.step(0.9, 0.97)) * (1.0 - (along + off * off * 0.22 + warp * 0.03).step(0.56, 0.58))
    body = 0.9 - edge * edge * 0.16 + Field.fractal(size, 26, 4, 33) * 0.03
    bands = (along * 9.0 + off * off * 2.6 + warp * 0.25).wave()
    body = body - bands * 0.09
    gap = 1.0 - (along * 44.0 - off * off * 9.0 + warp * 1.7 + Field.noise(size, 50, 34) * 0.25).wave()
    where = (Field.fractal(size, 8, 3, 35) * 0.9 + 0.25 + edge * 0.25).clip()
    cracks = ((gap - 0.74) * 6.0).clip() * where
    body = body - cracks * 0.62
    for place, broad in ((-0.42, 0.05), (0.22, 0.035)):
        moraine = (1.0 - abs(off - place + warp * 0.03) * (1 / broad)).max(0.0)
        body = body - moraine.root() * (0.4 + Field.noise(size, 240, 36) * 0.14)
    gravel = (1.0 - edge.step(0.86, 0.97)) * (1.0 - ice)
    bed = 0.45 + Field.fractal(size, 40, 5, 37) * 0.1
    stream = (1.0 - abs(off + (along * 3.0).wave().step(0, 1) * 0.3 - 0.15 + warp * 0.2) * 14.0).max(0.0)
    tone = mixed(tone, bed - stream * 0.3, gravel)
    rim = ((0.5 - abs(ice - 0.5)) * 2.0).clip()
    tone = mixed(tone, body, ice) - rim * 0.3
    sketch = Sketch(tone)
    a, b = (640, 205), (835, 715)
    sketch.line([(a[0] + 3, a[1] + 2), (b[0] + 3, b[1] + 2)], 0.25, 1.5)
    sketch.line([a, b], 1.0, 3.2)
    for i in range(12):
        x, y = (p + (q - p) * i / 11 for p, q in zip(a, b, strict=True))
        sketch.disc(x + 2, y + 2, 6.5, 0.2)
        sketch.disc(x, y, 5.5, 1.0)
        sketch.disc(x, y, 2.2, 0.1)
    return aquatint(sketch.done(), 2)


def tunnel_portal():
    """The mouth of a road tunnel in a snowed-in slope at nightfall, its lamps lit."""

    def floor(x, y):
        return 0.02 if abs(x) < 0.085 + 0.22 * max(0.0, 0.62 - y) and y < 0.74 else None

    height = carved(floor, 37, uplift=1.0, steepest=0.8)
    tone, _ = lit_map(height, snow=0.72)
    path = [(0.0, 0.1), (0.0, 0.8)]
    tone = mixed(mixed(tone, 0.95, way(path, 34, 3)), 0.34, way(path, 22, 1))
    view = View(height, 0.1, 400, near=0.26)
    shade, _, _ = scene(view, tone, 8, fog=0.6, haze=0.8)
    shade = shade * 0.68
    sketch = Sketch(shade)
    cx, foot = view.project(0, 0.73, 0.02)
    unit = 2.1

    def arch(radius, rise):
        turn = [math.pi * i / 40 for i in range(41)]
        return [(cx - math.cos(t) * radius, foot - rise - math.sin(t) * radius) for t in turn]

    wall = 92 * unit
    sketch.shape(
        [
            (cx - wall - 60, foot + 14),
            (cx - wall, foot - 150 * unit / 1.3),
            (cx + wall, foot - 150 * unit / 1.3),
            (cx + wall + 60, foot + 14),
        ],
        0.36,
    )
    for i in range(1, 9):
        y = foot - i * 28
        sketch.line([(cx - wall - 55 + i * 6, y), (cx + wall + 55 - i * 6, y)], 0.29, 1.2)
    drift = [
        (
            cx - wall - 8 + i * (2 * wall + 16) / 60,
            foot - 116 * unit - 12 - 7 * math.sin(i * 0.16) - 3 * math.sin(i * 0.43),
        )
        for i in range(61)
    ]
    sketch.shape(drift + [(cx + wall + 6, foot - 113 * unit), (cx - wall - 6, foot - 113 * unit)], 0.86)
    for radius, tone_ in ((66 * unit, 0.5), (60 * unit, 0.26), (58 * unit, 0.16)):
        ring = arch(radius, 26 * unit)
        sketch.shape([(cx - radius, foot + 6), *ring, (cx + radius, foot + 6)], tone_)
    lamps = []
    for i in range(13):
        k = 0.86**i
        radius = 57 * unit * k
        deep = foot + 6 - (1 - k) * 62
        ring = [
            (x, y)
            for x, y in (
                (cx - math.cos(t) * radius, deep - 26 * unit * k - math.sin(t) * radius)
                for t in [math.pi * j / 40 for j in range(41)]
            )
        ]
        sketch.shape([(cx - radius, deep), *ring, (cx + radius, deep)], min(0.92, 0.16 + 0.055 * i))
        sketch.line(ring, min(0.95, 0.1 + 0.055 * i), 1.5)
    for i in range(13):
        k = 0.86**i
        radius, deep = 57 * unit * k, foot + 6 - (1 - k) * 62
        for side in (-0.42, 0.42):
            x, y = cx + side * radius, deep - 26 * unit * k - radius * 0.8
            sketch.line([(x - 9 * k, y), (x + 9 * k, y)], 1.0, 5 * k)
            lamps.append((x, y))
    posts = []
    for y in (0.31, 0.4, 0.52, 0.66):
        for x in (-0.04, 0.04):
            base, top = view.project(x, y, 0.02), view.project(x, y, 0.075)
            sketch.line([base, top], 0.1, 1.7 / y)
            sketch.disc(*top, 2.6 / y, 1.0)
            posts.append(top)
    shade = sketch.done()
    light = glow(lamps, 26) * 1.0 + glow(posts, 46) * 1.5 + glow([(cx, foot - 40)], 150) * 1.6
    shade = shade + light.clip() * 0.6
    rng = random.Random(5)
    flakes = Sketch(shade.clip())
    for _ in range(420):
        flakes.disc(rng.uniform(0, WIDE), rng.uniform(0, HIGH), rng.choice((0.8, 1.1, 1.6, 2.3)), 0.95)
    return aquatint(mixed(shade, flakes.done(), 0.7), 3)


def cableway_valley():
    """Masts carry a cableway across a deep valley filled with mist."""

    def floor(x, y):
        return 0.0 if abs(x - 0.15 - 0.2 * math.sin(y * 2.4)) < 0.1 and y < 1.6 else None

    height = carved(floor, 53, uplift=1.2, steepest=0.85)
    tone, _ = lit_map(height)
    view = View(height, 0.42, 250, near=0.45)
    shade, _, _ = scene(view, tone, 14, fog=0.6, mist_row=560)
    sketch = Sketch(shade)
    feet = [(-0.42, 0.42), (-0.16, 0.62), (0.12, 0.98), (0.37, 1.35), (0.62, 1.8)]
    tops, dark = [], []
    for x, y in feet:
        ground = view.ground(x, y)
        tops.append((x, y, max(ground + 0.07, 0.25 + 0.05 * y)))
        dark.append(min(0.6, 0.06 + 0.28 * (y - 0.4)))
    for (x, y, top), tone_ in zip(tops, dark, strict=True):
        sx, sy = view.project(x, y, top)
        bx, by = view.project(x, y, view.ground(x, y) - 0.01)
        half, arm = 17 / y * 0.5, 15 / y
        for side in (-1, 1):
            sketch.line([(bx + side * half, by), (sx + side * half * 0.3, sy)], tone_, 1.5 / y)
        count = max(4, int((by - sy) * y / 14))
        for i in range(count):
            k, m = i / count, (i + 1) / count
            w, v = half * (0.3 + 0.7 * k), half * (0.3 + 0.7 * m)
            ya, yb = sy + (by - sy) * k, sy + (by - sy) * m
            sketch.line([(sx - w, ya), (sx + v, yb)], tone_, 0.7 / y)
            sketch.line([(sx + w, ya), (sx - v, yb)], tone_, 0.7 / y)
        sketch.line([(sx - arm, sy), (sx + arm, sy)], tone_, 2.4 / y)
    for side in (-1, 1):
        for (xa, ya, ha), (xb, yb, hb), tone_ in zip(tops, tops[1:], dark, strict=False):
            span = []
            for i in range(41):
                k = i / 40
                y = ya + (yb - ya) * k
                px, py = view.project(xa + (xb - xa) * k, y, ha + (hb - ha) * k - 0.05 * k * (1 - k))
                span.append((px + side * 13 / y, py))
            sketch.line(span, tone_ + 0.05, 0.9 / ya)
            cabin = 17 if side < 0 else 25
            px, py = span[cabin]
            size = 15 / (ya + (yb - ya) * cabin / 40)
            if ya < 1.2:
                sketch.line([(px, py), (px, py + size * 1.2)], tone_, size * 0.1)
                sketch.shape(
                    [
                        (px - size, py + size * 1.2),
                        (px + size, py + size * 1.2),
                        (px + size * 0.9, py + size * 2.9),
                        (px - size * 0.9, py + size * 2.9),
                    ],
                    tone_,
                )
                for pane in (-0.75, -0.2, 0.35):
                    left, right = px + pane * size, px + (pane + 0.4) * size
                    sketch.shape(
                        [
                            (left, py + size * 1.5),
                            (right, py + size * 1.5),
                            (right, py + size * 2.1),
                            (left, py + size * 2.1),
                        ],
                        0.85,
                    )
    return aquatint(sketch.done(), 4)


def avalanche_barriers():
    """Rows of steel snow bridges on a steep slope above a valley."""

    def floor(x, y):
        return 0.0 if y < 0.42 + 0.05 * math.sin(x * 7) else None

    height = carved(floor, 71, uplift=1.4, steepest=0.72)
    height = height.softened(7)
    tone, _ = lit_map(height, sun=(-0.75, -0.1), elevation=0.5, snow=0.78)
    view = View(height, 0.2, 520, near=0.34)
    shade, depth, _ = scene(view, tone, 19, fog=0.45)
    sketch = Sketch(shade)
    rng = random.Random(9)
    panels = []
    for row in range(7):
        for run in range(3):
            start = rng.uniform(-0.36, 0.2)
            for i in range(rng.randint(7, 16)):
                panels.append(
                    (0.6 + row * 0.062 + 0.012 * run + 0.01 * math.sin(start * 20 + i * 0.4), start + i * 0.0135)
                )
    for y, x in sorted(panels, reverse=True):
        ends = []
        for shift in (0.0, 0.0115):
            ground = view.ground(x + shift, y)
            px, py = view.project(x + shift, y, ground)
            seen = depth.image.getpixel((min(WIDE - 1, max(0, int(px))), min(HIGH - 1, max(0, int(py - 4)))))
            if seen < y - 0.03:
                break
            ends.append(((px, py), view.project(x + shift + 0.001, y, ground + 0.0165)))
        if len(ends) < 2:
            continue
        (a, at), (b, bt) = ends
        if abs(a[1] - b[1]) > 22:
            continue
        tall = a[1] - at[1]
        sketch.shape([a, b, (b[0] + tall * 0.9, b[1] + tall * 0.35), (a[0] + tall * 0.9, a[1] + tall * 0.35)], 0.5)
        for k in (0.22, 0.45, 0.68, 0.92):
            left = (a[0] + (at[0] - a[0]) * k, a[1] + (at[1] - a[1]) * k)
            right = (b[0] + (bt[0] - b[0]) * k, b[1] + (bt[1] - b[1]) * k)
            sketch.line([left, right], 0.1, 1.7 / y)
        for foot, top in ends:
            sketch.line([foot, top], 0.06, 2.0 / y)
        sketch.line([(at[0], at[1] - 1.5), (bt[0], bt[1] - 1.5)], 0.97, 1.4 / y)
    return aquatint(sketch.done(), 5)


def verrin_dusk():
    """Verrin at dusk: roofs under snow, lit windows, the council house and its tower."""

    def floor(x, y):
        return 0.02 if abs(x - 0.05 * math.sin(y * 4)) < 0.18 + 0.16 * y and y < 1.35 else None

    height = carved(floor, 97, uplift=1.2, steepest=0.85)
    tone, _ = lit_map(height, sun=(0.7, 0.3))
    tone = mixed(tone, 0.5, way([(-0.06, 0.2), (-0.01, 0.4), (0.03, 0.6), (0.03, 0.64)], 9, 1.5))
    view = View(height, 0.13, 315, near=0.26)
    shade, _, _ = scene(view, tone, 25, fog=0.5, mist_row=470, heavens=sky(25, 0.3, 1.95, 0.06).min(1.0), haze=0.9)
    shade = shade * Field.ramp((WIDE, HIGH), 0.98, 0.5, across=False)
    sketch, rng, windows = Sketch(shade), random.Random(3), []

    def house(x, y, wide, deep, tall, roof, lit, floors=1):
        def at(dx, dy, h):
            return view.project(x + dx, y + dy, 0.02 + h)

        fade = min(0.22, max(0.0, (y - 0.45) * 0.25))
        side = -1 if x > 0 else 1
        edge = side * wide
        sketch.shape([at(edge, 0, 0), at(edge, deep, 0), at(edge, deep, tall), at(edge, 0, tall)], 0.13 + fade)
        sketch.shape([at(-wide, 0, 0), at(wide, 0, 0), at(wide, 0, tall), at(-wide, 0, tall)], 0.2 + fade)
        ridge = (at(-wide * 0.86, deep / 2, tall + roof), at(wide * 0.86, deep / 2, tall + roof))
        eaves = (at(wide * 1.08, -0.002, tall), at(-wide * 1.08, -0.002, tall))
        sketch.shape([at(edge, 0, tall), at(edge, deep, tall), ridge[1] if side > 0 else ridge[0]], 0.4 + fade)
        sketch.shape([*ridge, *eaves], 0.66 + fade * 0.6)
        sketch.line(eaves, 0.82, 0.8 / y)
        count = max(3, int(wide * 300))
        for level in range(floors):
            for i in range(count):
                if rng.random() > lit:
                    continue
                dx = -wide + (i + 0.5) * 2 * wide / count
                low = tall * (level + 0.32) / floors
                w, h = wide / count * 0.42, tall / floors * 0.42
                sketch.shape(
                    [at(dx - w, 0, low), at(dx + w, 0, low), at(dx + w, 0, low + h), at(dx - w, 0, low + h)], 0.98
                )
                windows.append(at(dx, 0, low + h / 2))

    homes = []
    while len(homes) < 170:
        y = rng.uniform(0.49, 1.3)
        x = rng.uniform(-0.13 - 0.14 * y, 0.13 + 0.14 * y)
        clear = abs(x - 0.03) > 0.085 or not 0.56 < y < 0.76
        clear = clear and (y > 0.6 or abs(x - 0.17 * y + 0.08) > 0.026)
        if clear and all(abs(x - a) > 0.03 or abs(y - b) > 0.035 for a, b, *_ in homes):
            homes.append((x, y, rng.uniform(0.009, 0.014), rng.uniform(0.014, 0.022), rng.uniform(0.009, 0.016)))
    for x, y, wide, deep, tall in sorted(homes, key=lambda home: -home[1]):
        if y > 0.68:
            house(x, y, wide, deep, tall, 0.009, 0.5)
    house(0.03, 0.66, 0.062, 0.04, 0.034, 0.02, 0.85, floors=3)
    tower = [
        view.project(0.03 + dx, 0.655, h)
        for dx, h in ((-0.0105, 0.02), (0.0105, 0.02), (0.0105, 0.112), (-0.0105, 0.112))
    ]
    sketch.shape(tower, 0.22)
    cap = [view.project(0.03 + dx, 0.655, h) for dx, h in ((-0.013, 0.111), (0.013, 0.111), (0.0, 0.15))]
    sketch.shape(cap, 0.6)
    sketch.shape([cap[1], cap[2], view.project(0.034, 0.655, 0.111)], 0.42)
    clock = view.project(0.03, 0.655, 0.098)
    sketch.disc(*clock, 13, 0.95)
    sketch.line([(clock[0], clock[1] - 9), clock, (clock[0] + 6, clock[1] + 3)], 0.1, 1.6)
    windows.append(clock)
    for x, y, wide, deep, tall in sorted(homes, key=lambda home: -home[1]):
        if y <= 0.68:
            house(x, y, wide, deep, tall, 0.009, 0.5)
    return aquatint(sketch.done() + (glow(windows, 16) * 1.3).clip() * 0.3, 6)


WOMAN = {"neck": 0.29, "jaw": 0.36, "chin": 0.13, "width": 0.96, "brow": 0.2, "eye": 1.1, "nose": 0.85, "lips": 1.15}
MAN = {"neck": 0.38, "jaw": 0.46, "chin": 0.19, "width": 1.02, "brow": 0.75, "nose": 1.1, "nose_wide": 1.1, "lips": 0.9}

SITTERS = {
    "portrait-1": Sitter(
        **WOMAN | {"lips": 0.95},
        hair="bun",
        hair_tone=0.66,
        skin=0.95,
        age=0.8,
        yaw=-0.42,
        brow_tone=0.5,
        cloth=0.14,
        extra={"line": 0.66},
    ),
    "portrait-2": Sitter(
        **MAN,
        hair="balding",
        hair_tone=1.1,
        skin=0.8,
        age=1.0,
        yaw=0.38,
        brow_tone=0.6,
        beard=0.9,
        moustache=1.0,
        glasses="round",
        garment="tie",
        cloth=0.2,
        tilt=0.04,
    ),
    "portrait-3": Sitter(
        **WOMAN | {"lips": 1.4, "nose_wide": 1.3},
        hair="curly",
        hair_tone=0.16,
        skin=0.63,
        age=0.25,
        yaw=0.36,
        brow_tone=0.2,
        garment="scarf",
        cloth=0.3,
        smile=0.25,
        extra={"lift": 0.18, "line": 0.7, "temple": 0.8, "deep": 0.9, "scarf": 0.85, "nape": -0.45},
    ),
    "portrait-4": Sitter(
        **MAN | {"lips": 1.3, "nose_wide": 1.35},
        hair="crop",
        hair_tone=0.12,
        skin=0.6,
        age=0.5,
        yaw=-0.35,
        brow_tone=0.2,
        glasses="square",
        garment="jacket",
        cloth=0.35,
        extra={"lift": 0.02, "line": 0.66},
    ),
    "portrait-5": Sitter(
        **WOMAN | {"nose": 0.7},
        hair="bob",
        hair_tone=0.12,
        skin=0.86,
        age=0.2,
        yaw=0.34,
        brow_tone=0.15,
        glasses="fine",
        garment="open",
        cloth=0.5,
        extra={"line": 0.5, "drop": -0.7},
    ),
    "portrait-6": Sitter(
        **MAN,
        hair="short",
        hair_tone=0.14,
        skin=0.74,
        age=0.4,
        yaw=-0.4,
        brow_tone=0.12,
        beard=1.0,
        moustache=1.0,
        garment="roll",
        cloth=0.28,
        extra={"lift": 0.07, "line": 0.64, "quiff": (-0.05, 0.76, 0.05)},
    ),
    "portrait-7": Sitter(
        **WOMAN,
        hair="veil",
        hair_tone=0.72,
        skin=0.78,
        age=0.35,
        yaw=-0.36,
        brow_tone=0.15,
        cloth=0.18,
        garment="plain",
        smile=0.2,
        extra={"lift": 0.08},
    ),
    "portrait-8": Sitter(
        **MAN | {"nose": 0.85, "jaw": 0.42},
        hair="short",
        hair_tone=0.22,
        skin=0.9,
        age=0.1,
        yaw=0.4,
        brow_tone=0.25,
        garment="tie",
        cloth=0.12,
        smile=0.1,
        extra={"lift": 0.1, "line": 0.6},
    ),
    "portrait-9": Sitter(
        **WOMAN | {"lips": 1.25},
        hair="long",
        hair_tone=0.3,
        skin=0.62,
        age=0.05,
        yaw=-0.3,
        brow_tone=0.15,
        garment="roll",
        cloth=0.75,
        smile=0.3,
        extra={"line": 0.6, "drop": -1.55, "ends": 0.22, "back": -0.5},
    ),
}

LANDSCAPES = {
    "pass-road-winter": pass_road_winter,
    "glacier-survey": glacier_survey,
    "tunnel-portal": tunnel_portal,
    "cableway-valley": cableway_valley,
    "avalanche-barriers": avalanche_barriers,
    "verrin-dusk": verrin_dusk,
}


#: the two lines of static/demo/favicon.svg, on its grid of 44
MARK = [(2 + 31j, 13 + 11j, 22 + 26j, 31 + 11j, 42 + 31j), (8 + 41j, 14.5 + 30j, 22 + 41j, 29.5 + 30j, 36 + 41j)]
ICONS = (180, 192, 512)


def ribbon(points, breadth):
    """The outline of a line drawn through `points`, mitred at its corners, as the browser strokes it."""
    normals = [1j * (b - a) / abs(b - a) for a, b in itertools.pairwise(points)]
    ends = itertools.pairwise([normals[0], *normals, normals[-1]])
    reach = [(m + n) / (1 + (m * n.conjugate()).real) * breadth / 2 for m, n in ends]
    sides = [p + r for p, r in zip(points, reach, strict=True)], [p - r for p, r in zip(points, reach, strict=True)]
    return [*sides[0], *reversed(sides[1])]


def icon(size):
    """The mark on paper, small enough for the circle that some devices cut out of an icon."""
    grain, colour = 8, (0, 69, 86)
    picture = Image.new("RGB", (size * grain, size * grain), (252, 252, 250))
    scale, middle = size * grain * 0.58 / 44, 22 + 26j
    for line in MARK:
        outline = [(p - middle) * scale + (1 + 1j) * size * grain / 2 for p in ribbon(line, 4)]
        ImageDraw.Draw(picture).polygon([(p.real, p.imag) for p in outline], fill=colour)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def save(picture, path, limit):
    """Writes the picture at the best quality that stays under `limit` bytes."""
    for quality in range(84, 2, -5):
        picture.save(path, quality=quality, method=6, optimize=True, progressive=True)
        if path.stat().st_size <= limit:
            return


def main(folder, *names):
    """Paints the named pictures, or all of them, into `folder`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, sitter in SITTERS.items():
        if not names or name in names:
            save(portrait(sitter), folder / f"{name}.webp", 60_000)
    for name, paint in LANDSCAPES.items():
        if not names or name in names:
            save(paint(), folder / f"{name}.jpg", 160_000)
    for size in ICONS:
        if not names or str(size) in names:
            icon(size).quantize(32).save(folder / f"{size}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
