"""Machine code is found again by what it was made from, and by nothing else."""

from pathlib import Path

import pytest

from geo import compiled


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sources that stands in for that of the kernels; the compiler's own place is put back."""
    from numba.core import config

    monkeypatch.setattr(config, "CACHE_DIR", config.CACHE_DIR)
    monkeypatch.setattr(compiled, "_HERE", tmp_path)
    (tmp_path / "kernel.py").write_text("from geo.compiled import compiled  # 1", encoding="utf-8")
    return tmp_path


def place() -> Path:
    from numba.core import config

    compiled._keep_on_disk()
    Path(config.CACHE_DIR).mkdir(exist_ok=True)
    return Path(config.CACHE_DIR)


def test_a_changed_kernel_leaves_nothing_of_the_old_machine_code(kernels: Path) -> None:
    first = place()
    assert first.parent == kernels / "__pycache__"
    assert place() == first
    (kernels / "kernel.py").write_text("from geo.compiled import compiled  # 2", encoding="utf-8")
    assert place() != first
    assert not first.exists()


def test_other_sources_do_not_count(kernels: Path) -> None:
    first = place()
    (kernels / "other.py").write_text("x = 1", encoding="utf-8")
    assert place() == first


def test_a_folder_that_can_not_be_written_sends_it_to_the_user(
    kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kernels / "__pycache__").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(kernels / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(kernels / "cache"))
    assert compiled._writable() == kernels / "cache" / "pianqu"
