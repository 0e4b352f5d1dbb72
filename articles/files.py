"""Files of the record as they are handed over: never as anything a browser would run."""

from pathlib import PurePath

from django.core.files.storage import default_storage
from django.http import FileResponse

# What may be seen in the browser; every other kind of file is handed over to be saved.
INLINE = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif",
    ".avif": "image/avif",
}  # fmt: skip
SAVED = {
    ".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text", ".zip": "application/zip", ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}  # fmt: skip


def handed_over(name, title):
    """The stored file `name` under a name made of `title`; in the browser only if it is a picture we know."""
    suffix = PurePath(name).suffix.lower()
    kind = INLINE.get(suffix) or SAVED.get(suffix, "application/octet-stream")
    stem = title.replace("/", "-")[:80] or "file"
    filename = stem if stem.lower().endswith(suffix) else f"{stem}{suffix}"
    response = FileResponse(
        default_storage.open(name), content_type=kind, as_attachment=suffix not in INLINE, filename=filename
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
