"""What a planner is told when a file can not be made or opened: one sentence each."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from data.store import Plan, create_plan, open_plan
from data.store import paths as store_paths
from errors import StoreError
from tests.data.store.conftest import ROOT, Child
from tests.data.store.oracle import assert_whole


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def path(plan: Plan) -> Path:
    """Path of a good plan that is closed."""
    plan.close()
    return plan.path


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"找不到实施方案文件.*请检查路径"):
        open_plan(tmp_path / "没有.gpkg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [b"", b"uid,name\n1,\xe4\xb8\x80\n", b"PK\x03\x04" + b"\0" * 200]
)
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "台账.gpkg"
    other.write_bytes(content)
    with pytest.raises(StoreError, match=r"“台账.gpkg”不是实施方案文件"):
        open_plan(other)
    assert other.read_bytes() == content


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="不是实施方案文件"):
        open_plan(tmp_path)


def test_an_ordinary_geopackage_is_to_be_imported(tmp_path: Path, child: Child) -> None:
    other = tmp_path / "边界.gpkg"
    child(
        "import sys, geopandas as gpd, shapely\n"
        "gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)], crs=4490).to_file(sys.argv[1])",
        other,
    )
    before = other.read_bytes()
    with pytest.raises(StoreError, match=r"普通的数据文件.*“导入”"):
        open_plan(other)
    assert other.read_bytes() == before


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    change(path, "UPDATE meta SET value='99' WHERE key='schema_version'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"更新版本的工具保存.*99.*请升级"):
        open_plan(path)
    assert path.read_bytes() == before


def test_a_file_without_a_version(path: Path) -> None:
    change(path, "DELETE FROM meta WHERE key='schema_version'")
    with pytest.raises(StoreError, match="没有注明文件格式的版本"):
        open_plan(path)


def test_a_damaged_file(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # The page of the compounds is overwritten with rubbish.
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT rootpage FROM sqlite_master WHERE name='compounds'"
        page = connection.execute(sql).fetchone()[0]
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"已损坏.*快照或备份"):
        open_plan(path)
    assert path.read_bytes() == bytes(content)


def test_a_cut_off_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(StoreError, match="已损坏"):
        open_plan(path)


def test_a_failed_opening_leaves_the_path_free(path: Path) -> None:
    change(path, "UPDATE meta SET value='99' WHERE key='schema_version'")
    with pytest.raises(StoreError):
        open_plan(path)
    assert path.read_bytes()[:6] == b"SQLite"
    change(path, "UPDATE meta SET value='1' WHERE key='schema_version'")
    with open_plan(path) as again:
        assert again.count("compounds") == 3


def test_a_file_that_another_program_holds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.store.sqlite_engine._PRAGMAS", ("busy_timeout=50",))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"正被另一个程序占用.*请关闭那个程序"):
            open_plan(path)


def test_an_existing_file_is_never_replaced(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match="已经存在"):
        create_plan(path, name="新", actor="张三")
    assert path.read_bytes() == before


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"文件夹.*不存在"):
        create_plan(tmp_path / "没有" / "方案.gpkg", name="新", actor="张三")


def test_a_failed_making_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken():
        yield "CREATE TABLE good(a)"
        yield "this is no SQL"

    monkeypatch.setattr("data.store.opening.layout", broken)
    with pytest.raises(StoreError):
        create_plan(tmp_path / "方案.gpkg", name="新", actor="张三")
    assert not list(tmp_path.iterdir())


def test_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", none)
    with create_plan(tmp_path / "方案.gpkg", name="新", actor="张三") as made:
        assert made.settings() == {"name": "新"}
    assert [p.name for p in tmp_path.iterdir()] == ["方案.gpkg"]


READ_ONLY = """
import os, sys
from pathlib import Path
from data.store import create_plan, open_plan
from errors import StoreError
os.setuid(65534)
for call in (lambda: open_plan(sys.argv[1]),
             lambda: create_plan(Path(sys.argv[1]).with_name("新.gpkg"), name="新", actor="张三")):
    try:
        call()
    except StoreError as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to drop rights")
def test_a_read_only_folder(path: Path) -> None:
    # Everyone may pass, nobody else may write.
    for folder in (path.parent, *path.parent.parents):
        if folder.stat().st_uid == 0 and len(folder.parts) > 2:
            folder.chmod(0o755)
    path.chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = done.stdout.splitlines()
    assert len(told) == 2
    assert all("只读" in line and "复制到本机" in line for line in told)
    assert_whole(path)


def test_a_file_that_becomes_read_only_while_open(plan: Plan) -> None:
    plan._engine._dbapi.execute("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="只读"), plan._engine.reading() as connection:
        connection.exec_driver_sql("DELETE FROM compounds")
    assert plan.count("compounds") == 3


@pytest.mark.parametrize("shared", [r"\\server\share\方案.gpkg", "//server/share/方案.gpkg"])
def test_a_unc_path_is_refused(shared: str) -> None:
    for call in (open_plan, lambda p: create_plan(p, name="新", actor="张三")):
        with pytest.raises(StoreError, match=r"网络共享.*复制到本机"):
            call(shared)


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /mnt/nfs nfs4 rw 0 0
//server/share /mnt/\\344\\272\\221\\040盘 cifs rw 0 0
/dev/vdb /mnt/nfs/local ext4 rw 0 0
tmpfs /mnt/x tmpfs rw 0 0
sshfs#a:/ /mnt/x fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/a/方案.gpkg", "ext4"),
        ("/mnt/nfs/方案.gpkg", "nfs4"),
        ("/mnt/nfs/deep/er/方案.gpkg", "nfs4"),
        ("/mnt/nfs/local/方案.gpkg", "ext4"),
        ("/mnt/nfsx/方案.gpkg", "ext4"),
        ("/mnt/云 盘/方案.gpkg", "cifs"),
        # Mounted over another: the later counts.
        ("/mnt/x/方案.gpkg", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    assert store_paths.file_system(Path(path), mounts=MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "fuse.sshfs"])
def test_a_network_mount_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path.resolve()} {kind} rw 0 0\n")
    monkeypatch.setattr(store_paths, "_MOUNTS", mounts)
    with pytest.raises(StoreError, match="网络共享"):
        open_plan(path)
    mounts.write_text("/dev/vda / ext4 rw 0 0\n")
    open_plan(path).close()
