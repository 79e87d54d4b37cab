"""An uploaded file, kept on disk as long as the session works with it, under a name of our own."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from ui import session

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

__all__ = ["Upload", "ask", "keep"]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of the planner.

    Attributes
    ----------
    name : str
        As the planner knows it; shown, never used as a path.
    path : Path
        Where it lies, in a folder that goes with this record.
    """

    name: str
    path: Path


def keep(name: str, content: bytes | memoryview) -> Upload:
    """Write the content of an upload to a folder of its own."""
    folder = tempfile.mkdtemp(prefix="pianqu-import-")
    path = Path(folder, "file")
    path.write_bytes(content)
    made = Upload(name=name, path=path)
    # With the session, or at the latest when the server stops.
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
    return made


def ask(panel: str, title: str, *, kinds: str) -> Upload | None:
    """Draw the field for a file; give the file at the run that brings it.

    Parameters
    ----------
    panel : str
        Prefix of the widget.
    title : str
        What is asked for.
    kinds : str
        Formats, for the planner.
    """
    epoch = session.get(session.UPLOAD_EPOCH, 0)
    given: UploadedFile | None = st.file_uploader(title, key=session.widget(panel, "file", epoch))
    st.caption(kinds)
    if given is None:
        return None
    # A new field next time: the same file may be chosen again after it was mended.
    session.put(session.UPLOAD_EPOCH, epoch + 1)
    return keep(given.name, given.getbuffer())
