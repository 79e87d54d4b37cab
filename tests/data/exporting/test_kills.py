"""An export that is killed at any moment leaves the old file or the new one, never half of one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.samples import write_sample

ROOT = Path(__file__).resolve().parents[3]

# Exports over and over; every other time only three of the five compounds.
CHILD = """
import sys
from data.exporting import export
from data.store import open_plan
plan = open_plan(sys.argv[1])
uids = list(plan.read("compounds").index)
print("ready", flush=True)
for turn in range(1000):
    export(plan, "geojson", out_dir=sys.argv[2], actor="x", uids=uids[: 3 if turn % 2 else 5])
    print("done", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_killed_exports_leave_a_whole_file(tmp_path):
    write_sample(tmp_path / "plan.gpkg", "yuncheng-2024", "x").close()
    out = tmp_path / "out"
    kills = int(os.environ.get("PIANQU_EXPORT_KILLS", "4"))
    luck = random.Random(7)
    for _ in range(kills):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path / "plan.gpkg"), str(out)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        child.stdout.readline()
        child.stdout.readline()  # at least one is done
        time.sleep(luck.uniform(0.0, 1.5))
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        (file,) = out.glob("*.geojson")
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        assert len(features) in (3, 5)
        (sheet,) = out.glob("*_元数据.json")
        assert json.loads(sheet.read_text(encoding="utf-8"))["checks_passed"]
