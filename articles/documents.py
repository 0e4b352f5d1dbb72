"""Which files may be attached to an article: told by what is in them, never by what they are called.

PDF, Word and OpenDocument texts, and tables as CSV. Functions over files; knows no models.
"""

import io
import zipfile
import zlib

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000
ODT = b"application/vnd.oasis.opendocument.text"


class KnownDocument(ContentFile):
    """A document whose content was looked at."""


class DocumentField(forms.FileField):
    """A document in a form. It goes on under a name that says what it is."""

    widget = forms.FileInput(attrs={"accept": ".pdf,.docx,.odt,.csv"})

    def to_python(self, data):
        file = super().to_python(data)
        return file and known(file)


def kept(file):
    """What is to be stored for the FieldFile `file`: a known document, or `file` itself when it is stored already."""
    if not file or file._committed or isinstance(file.file, KnownDocument):
        return file
    return known(file)


def known(file):
    """The file as a KnownDocument, named by its kind. ValidationError for everything that is not on the list."""
    if file.size > MOST_BYTES:
        raise ValidationError(
            _("This file has %(size)s MB; the most is %(most)s MB."),
            params={"size": f"{file.size / 2**20:.1f}", "most": MOST_BYTES // 2**20},
        )
    file.seek(0)
    data = file.read()
    kind = kind_of(data, str(file.name or ""))
    if kind is None:
        raise ValidationError(
            _("Only PDF, Word (.docx), OpenDocument (.odt) and CSV files in UTF-8 can be attached; this is none.")
        )
    return KnownDocument(data, name=f"document.{kind}")


def kind_of(data, name):
    """ "pdf", "docx", "odt" or "csv" by the bytes (`name` only tells a table from other plain text), or None. A file
    that is two things at once is none of them."""
    is_archive = zipfile.is_zipfile(io.BytesIO(data))
    if data.startswith((b"%PDF-1.", b"%PDF-2.")):
        return "pdf" if b"%%EOF" in data[-2048:] and not is_archive else None
    if data.startswith(b"PK\x03\x04"):
        return _packed(data) if is_archive else None
    if name.lower().endswith(".csv") and not is_archive and _is_table(data):
        return "csv"
    return None


def _packed(data):
    """Of an archive: a Word or OpenDocument text without programs and of a decent size, or None."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = [part.filename for part in parts]
            too_much = len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED
            hidden = len(names) != len({*names}) or any(part.flag_bits & 1 for part in parts)
            programs = any("vbaproject" in name.lower() or name.lower().startswith("basic/") for name in names)
            begins = min((part.header_offset for part in parts), default=1)
            ends = data.rfind(b"PK\x05\x06") + 22 + len(archive.comment)
            if too_much or hidden or programs or begins or ends != len(data):
                return None
            if {"[Content_Types].xml", "word/document.xml"} <= {*names}:
                types = _read(archive, "[Content_Types].xml")
                return None if b"macroenabled" in types.lower() else "docx"
            if names[0] == "mimetype" and "content.xml" in names and _read(archive, "mimetype") == ODT:
                return "odt"
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None
    return None


def _read(archive, name):
    with archive.open(name) as part:
        return part.read(1024 * 1024)


def _is_table(data):
    """Plain text in UTF-8 that no browser would take for a page."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    controls = any(ord(character) < 32 and character not in "\t\r\n" for character in text)
    return bool(text.strip()) and not controls and not text.lstrip().startswith(("<", "%PDF"))
