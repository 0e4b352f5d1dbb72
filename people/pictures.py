"""Pictures as they come, and as they are kept: decoded, turned upright, written anew, with nothing left of what was not
picture (position, camera, names, comments, whatever hid behind the last pixel).

Functions over files; knows no models. Whatever cannot be decoded wholly is refused with a ValidationError.
"""

import io
import secrets
import warnings
from pathlib import PurePath

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
#: a photograph has about ten; each makes the decoder walk over all pixels again
MOST_SCANS = 60
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
#: what a picture of a format is kept as: a phone's two-in-one photograph (MPO) is a JPEG, a still GIF a PNG
KEPT_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP"}
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
HOW = {
    "JPEG": {"quality": 90, "optimize": True, "progressive": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90, "method": 4},
}

# What is too large is an error on the first look at its header, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class CleanPicture(ContentFile):
    """A picture that was written by us, of `pixels` (width, height): it is stored as it is."""

    def __init__(self, content, name, pixels):
        super().__init__(content, name)
        self.pixels = pixels


class PictureField(forms.FileField):
    """A picture in a form: what comes in is not what goes on. The rest of the form never sees the file as it came."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"})

    def to_python(self, data):
        file = super().to_python(data)
        return file and cleaned(file)


def unguessable(folder, name):
    """A name in `folder` that says nothing and cannot be guessed: 128 random bits and the suffix of `name`."""
    return f"{folder}/{secrets.token_urlsafe(16)}{PurePath(name).suffix.lower()[:6]}"


def kept(file):
    """What is to be stored for the FieldFile `file`: a clean picture, or `file` itself when it is stored already."""
    if not file or file._committed or isinstance(file.file, CleanPicture):
        return file
    return cleaned(file)


def cleaned(file):
    """The picture in `file`, decoded and written anew as a CleanPicture. ValidationError for anything else."""
    if file.size > MOST_BYTES:
        raise ValidationError(
            _("This picture has %(size)s MB; the most is %(most)s MB. Save it smaller, then send it again."),
            params={"size": f"{file.size / 2**20:.1f}", "most": MOST_BYTES // 2**20},
        )
    file.seek(0)
    data = file.read()
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise ValidationError(_("This is a document, not a picture (an SVG can carry programs). Send a PNG of it."))
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MOST_SCANS:
        raise ValidationError(_("This picture is made to keep its reader busy. It is not taken."))
    try:
        picture, kind = decoded(data)
        return encoded(picture, kind)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception as error:  # a hostile file can make a decoder raise anything at all
        raise ValidationError(
            _("This is no whole JPEG, PNG, WebP or GIF: it cannot be decoded. Save it anew, then send it again.")
        ) from error


def decoded(data):
    """(the upright picture in sRGB, the format to keep it in) of the bytes of a file."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_large()
        if picture.format != "MPO" and getattr(picture, "is_animated", False):
            raise ValidationError(_("This picture moves. Send a still one, or link to a video."))
        kind, profile = KEPT_AS[picture.format], picture.info.get("icc_profile")
        picture.load()
        upright = _upright(picture)
        has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
        if upright.mode.startswith("I") or upright.mode == "F":  # sixteen bits a pixel
            upright = upright.convert("F").point(lambda value: value / 256).convert("L")
        plain = _in_srgb(upright, profile, "RGBA" if has_alpha else "L" if upright.mode in ("1", "L") else "RGB")
        bare = Image.new(plain.mode, plain.size)  # a picture copied keeps notes; a new one has none
        bare.paste(plain)
        return bare, kind


def _upright(picture):
    """Turned as its camera noted; notes that cannot be read turn nothing."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # whatever stands in them is thrown away in a moment
        return picture


def _in_srgb(picture, profile, mode):
    """In `mode`, with the colours that its profile meant: the profile itself is not kept."""
    if profile and picture.mode in ("RGB", "RGBA", "CMYK") and mode != "L":
        try:
            return ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that cannot be read changes nothing
    return picture.convert(mode)


def encoded(picture, kind):
    """`picture` as a CleanPicture of a format. What JPEG cannot keep, PNG does."""
    if kind == "JPEG" and picture.mode == "RGBA":
        kind = "PNG"
    file = io.BytesIO()
    picture.save(file, kind, **HOW[kind])
    return CleanPicture(file.getvalue(), f"picture{SUFFIXES[kind]}", picture.size)


def narrowed(picture, width):
    """`picture` at `width`, in its own proportions, as a WebP file: (file, height)."""
    height = max(1, round(picture.height * width / picture.width))
    return _small(picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)), height


def squared(picture, side, across, down):
    """The largest square around the point (`across`, `down`; 0 to 1), at most `side` wide: (file, its side)."""
    largest = min(picture.size)
    left, top = (
        round(min(max(point * length - largest / 2, 0), length - largest))
        for point, length in ((across, picture.width), (down, picture.height))
    )
    side = min(side, largest)
    cut = picture.resize(
        (side, side), Image.Resampling.LANCZOS, box=(left, top, left + largest, top + largest), reducing_gap=3
    )
    return _small(cut), side


def _small(picture):
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=82, method=4)
    return CleanPicture(file.getvalue(), "picture.webp", picture.size)


def _too_large():
    return ValidationError(
        _("This picture has more than %(most)s million pixels. Save it smaller, then send it again."),
        params={"most": MOST_PIXELS // 1_000_000},
    )
