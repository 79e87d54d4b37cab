"""The steps of the shell that bring files in and hand files out."""

from __future__ import annotations

import argparse

from ui.shell.steps import Outcome

__all__ = ["export_files", "import_files", "sheet"]


def import_files(options: argparse.Namespace) -> Outcome:
    raise NotImplementedError


def export_files(options: argparse.Namespace) -> Outcome:
    raise NotImplementedError


def sheet(options: argparse.Namespace) -> Outcome:
    raise NotImplementedError
