"""What ``pianqu check`` has to show on the published ledgers, in plans and in files."""

from __future__ import annotations

import json

import openpyxl
import pytest

import cli
from data.samples.ledger_files import yuncheng_ledger_csv, yuncheng_ledger_xlsx
from data.samples.litong import LITONG_LEDGER
from data.store import open_plan

NOTE = "以上7个小区整治改造242栋楼，建设改造面积98.6万平方米，投资预算为1626.8万元。"
HEAD = ["序号", "小区名称", "新增停车位（个）", "计划改造内容", "预计投资额（万元）"]
JINHUA = (
    ("金花园小区A区、A2区", None, 210),
    ("金花园小区B区", 218, 212),
    ("金花园小区C区", 218, 221),
)


@pytest.fixture
def check(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def shell(*arguments):
        code = cli.main([*map(str, arguments), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return shell


def rules(result):
    found = {}
    for one in result["findings"]:
        found.setdefault(one["rule"], []).append(one)
    return found


def litong_file(path, *, parts=False, whole=True, note=NOTE):
    """利通区 as a sheet without a row of totals, the total in words below it."""
    sheet = openpyxl.Workbook()
    page = sheet.active
    page.append(["利通区老旧小区改造项目台账"])
    page.append(HEAD)
    rows = [(r["name"], r["stalls_new"], r["investment_yuan"] / 10_000) for r in LITONG_LEDGER]
    if parts:
        rows = [*(rows[:1] if whole else []), *JINHUA, *rows[1:]]
    for number, (name, stalls, money) in enumerate(rows, start=1):
        page.append([number, name, stalls, "楼顶防水", money])
    if note:
        page.append([note])
    sheet.save(path)
    return path


# --- 云城


@pytest.fixture(params=["plan", "xlsx", "csv"])
def yuncheng(request, check, tmp_path):
    if request.param == "plan":
        check("new", "云城.gpkg", "--sample", "yuncheng-2024")
        path = tmp_path / "云城.gpkg"
    else:
        make = yuncheng_ledger_xlsx if request.param == "xlsx" else yuncheng_ledger_csv
        path = make(tmp_path / f"云城.{request.param}")
    return rules(check("check", path)[1])


def test_yuncheng_has_no_finding_on_sums(yuncheng):
    sums = {"sum_of_rows", "sum_in_text", "text_and_totals", "sum_of_parts", "grant_total"}
    assert not sums & set(yuncheng)
    assert not {"no_totals", "sum_not_checkable"} & set(yuncheng)


def test_yuncheng_lacks_50_wan_in_all(yuncheng):
    (gap,) = yuncheng["gap_without_source"]
    assert gap["found"] == "50.0 万元"
    assert len(gap["rows"]) == 3
    assert "邮电新村10.0 万元、云浮中学教师宿舍10.0 万元、玉皇路小区30.0 万元" in gap["message"]


def test_the_two_rows_of_yuncheng_granted_in_full_are_named_against_section_4(yuncheng):
    (full,) = yuncheng["fully_granted"]
    assert "旧中专宿舍、云城财政所宿舍" in full["message"]
    assert "〔云城区2024年实施方案 四〕" in full["message"]


# --- 利通区


def test_litong_as_a_plan_names_jinta_the_218_stalls_and_the_area_of_a_building(check):
    check("new", "利通.gpkg", "--sample", "litong-parking")
    code, result = check("check", "利通.gpkg")
    found = rules(result)
    assert code == 1
    (wrong,) = found["sum_of_rows"]
    assert (wrong["found"], wrong["expected"]) == ("1626.8 万元", "1928.8 万元")
    assert "302 万元" in wrong["message"]
    assert "金塔小区" in wrong["message"]
    (twice,) = found["repeated_number"]
    assert "B区、C区" in twice["message"]
    assert twice["found"] == "218 个"
    (house,) = found["total_house"]
    assert house["found"] == "4074 ㎡/栋"
    assert "每栋面积" in house["message"]


def test_litong_as_a_file_states_its_total_in_words_and_names_jinta(check, tmp_path):
    found = rules(check("check", litong_file(tmp_path / "利通.xlsx"))[1])
    (wrong,) = found["sum_in_text"]
    assert (wrong["found"], wrong["expected"]) == ("1626.8 万元", "1928.8 万元")
    assert "金塔小区" in wrong["message"]
    assert "第10行" in wrong["message"]
    (none,) = found["no_totals"]
    assert none["severity"] == "说明"
    assert "小区数7 个" in none["message"]
    assert found["total_house"][0]["found"] == "4074 ㎡/栋"


@pytest.mark.parametrize("whole", [True, False])
def test_parts_in_rows_of_their_own_are_counted_once_and_their_218_stalls_named(
    check, tmp_path, whole
):
    found = rules(check("check", litong_file(tmp_path / "利通.xlsx", parts=True, whole=whole))[1])
    (wrong,) = found["sum_in_text"]  # neither the 7 compounds nor 643 + 210 + 212 + 221 are wrong
    assert wrong["expected"] == "1928.8 万元"
    assert "金塔小区" in wrong["message"]
    (twice,) = found["repeated_number"]
    assert "金花园小区B区、金花园小区C区" in twice["message"]
    assert ("part_rows" in found) is whole
    if whole:
        assert "643 万元＝210＋212＋221" in found["part_rows"][0]["message"]


# --- bad input


def test_negative_money_and_a_year_of_2099_are_told_and_nothing_is_lost(check, tmp_path):
    text = "小区名称,建成年代,预计投资额（万元）\n甲小区,2099,10\n乙小区,1998,-5\n合计,,10\n"
    path = tmp_path / "台账.csv"
    path.write_text(text, encoding="utf-8")
    code, result = check("check", path)
    found = rules(result)
    assert code == 1
    (money,) = found["bad_value"]
    assert money["message"] == "台账第 3 行“预计投资额”是负数：-5。请改成 0 或正数。"
    (year,) = found["future_date"]
    assert "“甲小区”" in year["message"]
    assert year["found"] == "2099-12-31"
    check("new", "新.gpkg")
    code, refused = check("import", "新.gpkg", path)
    assert code == 2
    assert "-5" in refused["error"]
    with open_plan(tmp_path / "新.gpkg") as plan:
        assert plan.count("compounds") == 0
        assert "ledger_totals" not in plan.settings()


def test_a_ledger_without_a_row_of_totals_comes_in_whole_and_says_so(check, tmp_path):
    path = litong_file(tmp_path / "利通.xlsx", note=None)
    (none,) = rules(check("check", path)[1])["no_totals"]
    # 436 + 26 + 35 + 82; three compounds do not say.
    assert none["expected"].endswith("预计投资额1928.8 万元、新增停车位579 个（有未知）")
    check("new", "新.gpkg")
    code, result = check("import", "新.gpkg", path)
    assert (code, result["imported"]) == (0, {"ledger": 7})
    (none,) = rules(check("check", "新.gpkg")[1])["no_totals"]
    assert "1928.8 万元" in none["message"]


def test_an_imported_ledger_is_still_held_against_its_total_until_it_is_undone(check, tmp_path):
    check("new", "新.gpkg")
    check("import", "新.gpkg", litong_file(tmp_path / "利通.xlsx"))
    (wrong,) = rules(check("check", "新.gpkg")[1])["sum_in_text"]
    assert "金塔小区" in wrong["message"]
    check("undo", "新.gpkg")
    with open_plan(tmp_path / "新.gpkg") as plan:
        assert "ledger_totals" not in plan.settings()
