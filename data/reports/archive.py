"""Office files without a clock in them: the same report gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

__all__ = ["timeless"]

# The first day that a zip archive can carry.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE = 0o600 << 16
_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def timeless(data: bytes, made_on: dt.date) -> bytes:
    """Write an xlsx or docx archive anew with fixed times.

    Parameters
    ----------
    data : bytes
        The file as its library made it.
    made_on : date
        Day that the file's properties say.

    Returns
    -------
    bytes
    """
    stamp = f"{made_on.isoformat()}T00:00:00Z".encode()
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == _CORE:
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = _UNIX, _READABLE
            archive.writestr(info, content)
    return target.getvalue()
