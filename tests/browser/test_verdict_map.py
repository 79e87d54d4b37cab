"""Verdicts on the web map: colour, sign in the legend and beside the names."""

from __future__ import annotations

import pytest

from data.store import open_plan

pytestmark = pytest.mark.browser

# What is written on the map from now on.
LISTEN = """() => {
  window.written = [];
  const fill = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
    window.written.push(text);
    return fill.call(this, text, ...at);
  };
}"""


def test_the_map_tells_verdicts_by_colour_and_by_sign(window, plan_file):
    with open_plan(plan_file) as plan, plan.edit("测试员", "补建成日期") as tx:
        tx.set_setting("rules", "chuxiong-2020")
        frame = tx.read("compounds")
        for uid, day in zip(frame.index, ("1999-12-31", "2000-01-01"), strict=False):
            tx.update("compounds", uid, int(frame.loc[uid, "version"]), {"built_on": day})
    window.open(plan_file, theme="verdict", theme_options={"rule": "build_date"})
    legend = window.map.locator(".pq-legend")
    assert "建成时间〔楚市政办通〔2020〕5号 三(一)〕，楚雄市2020年方案" in legend.inner_text()
    rows = legend.locator(".pq-row").all_inner_texts()
    assert [" ".join(row.split()) for row in rows] == ["✓ 符合 1", "? 需论证 3", "✗ 不符合 1"]
    window.map.evaluate(LISTEN)
    window.map.evaluate("() => window.pianqu.map.panBy([1, 0], {animate: false})")
    window.settle()
    window.until(lambda: signs(window) == {"✓", "?", "✗"}, "signs on the map")
    window.page.get_by_label("按什么着色").click()
    window.page.get_by_role("option", name="居民户数", exact=True).click()
    window.settle()
    window.map.evaluate("() => { window.written = []; }")
    window.map.evaluate("() => window.pianqu.map.panBy([1, 0], {animate: false})")
    window.settle()
    window.until(lambda: window.map.evaluate("() => window.written.length > 0"), "names")
    assert signs(window) == set()


def signs(window) -> set[str]:
    written = window.map.evaluate("() => window.written")
    return {text[0] for text in written if text and text[0] in "✓?✗"}
