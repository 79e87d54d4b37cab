"""Starting the worker process and fetching what it made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd

import data
from errors import ExportError

__all__ = ["found_layer", "run_step"]

# 220,000 compounds with all attributes take about half a minute on an office PC.
_LONGEST_S = 1_800
_ERROR_MARK = "errors.ExportError: "


def run_step(
    step: str,
    *,
    format_id: str,
    path: Path,
    folder: Path,
    layers: list[str],
    options: dict[str, Any],
) -> None:
    """Have a process of its own write a file or read it back.

    Parameters
    ----------
    step : {"write", "read"}
        What to do.
    format_id : str
        Format.
    path : Path
        The file.
    folder : Path
        Where frames are exchanged.
    layers : list of str
        Layers to write.
    options : dict
        Of the format.

    Raises
    ------
    ExportError
        If the process fails; the message says which step.
    """
    asked = {
        "step": step,
        "format": format_id,
        "path": str(path),
        "folder": str(folder),
        "layers": layers,
        "options": options,
    }
    # -P: the folder it is started in is no place to import from.
    command = [sys.executable, "-P", "-m", "data.exporting.worker"]
    root = str(Path(data.__file__).resolve().parents[1])
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asked, ensure_ascii=True).encode(),
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
            env={**os.environ, "PYTHONPATH": root, "PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(f"{_said(step)}超过半小时没有完成，已停止，没有生成文件。") from error
    if done.returncode:
        raise ExportError(_reason(step, done.stderr.decode(errors="replace")))


def found_layer(folder: Path, layer: str) -> Any:
    """Return what the worker read back for a layer; None if the file does not hold it."""
    arrow, plain = folder / f"found-{layer}.arrow", folder / f"found-{layer}.json"
    if arrow.exists():
        return gpd.read_feather(arrow)
    if plain.exists():
        return json.loads(plain.read_text(encoding="utf-8"))
    return None


def _said(step: str) -> str:
    return "写文件" if step == "write" else "回读核对"


def _reason(step: str, log: str) -> str:
    lines = [line for line in log.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(_ERROR_MARK)]
    if told:
        return told[-1].removeprefix(_ERROR_MARK)
    last = lines[-1] if lines else "进程中途退出"
    if "No space left" in log or "Disk full" in log or "disk is full" in log:
        return f"{_said(step)}失败：磁盘空间不足，没有生成文件。请清理磁盘后再导出。"
    return f"{_said(step)}失败，没有生成文件：{last[:200]}。请检查输出文件夹后重试。"
