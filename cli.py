"""The shell's door: the same steps as the pages, for scripts and scheduled jobs.

Each command prints its result, with ``--json`` as one JSON object on standard output, and says what is to
be said on standard error. It ends with 0 when done, with 1 when done and something is wrong or a limit is
not met, with 2 on bad input, and then nothing has been changed. Others script against the names of
commands, keys and codes: they change only together with docs/命令行.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from errors import PlanningError
from ui import settings
from ui.shell import bundling, exchange, judging, serving, sites, stalls, steps
from ui.shell.parser import ShellParser, count, positive
from ui.shell.plain import plain
from ui.shell.steps import DONE, REFUSED, Outcome

__all__ = ["main"]

Step = Callable[[argparse.Namespace], Outcome]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process if left out.

    Returns
    -------
    int
        0 done, 1 done with findings, 2 refused.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    _prepare_streams(as_json=as_json)
    try:
        options = _parser().parse_args(arguments)
        code, result = options.step(options)
    except PlanningError as error:
        return _refuse(str(error), as_json=as_json)
    except KeyboardInterrupt:
        return _refuse("已中断，没有完成的步骤未保存。", as_json=as_json)
    except Exception:  # noqa: BLE001 - the last door: a bug goes to the log, not to the planner
        log = _log_crash(arguments)
        return _refuse(f"程序内部出错，详情已记入 {log}。请把它发给维护人员。", as_json=as_json)
    _tell(plain(result), as_json=as_json)
    return code


def _prepare_streams(*, as_json: bool) -> None:
    for stream in (sys.stdout, sys.stderr):
        # pytest and notebooks put other objects in their place.
        if hasattr(stream, "reconfigure"):
            # A Windows console keeps its own code page, but JSON is UTF-8 wherever it goes.
            stream.reconfigure(errors="replace", encoding="utf-8" if as_json else None)


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _refuse(message: str, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": message}, ensure_ascii=False))
    _say(f"错误：{message}")
    return REFUSED


def _log_crash(arguments: list[str]) -> Path:
    log = settings.state_folder() / "pianqu.log"
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {arguments}\n{traceback.format_exc()}\n")
    return log


def _tell(result: dict[str, Any], *, as_json: bool) -> None:
    for note in result.get("notes", ()):
        _say(note)
    try:
        if as_json:
            print(json.dumps(result, ensure_ascii=False), flush=True)
        else:
            _list({key: value for key, value in result.items() if key != "notes"})
    except BrokenPipeError:
        # The reader has seen enough (`| head`); what was to be done is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _list(result: dict[str, Any]) -> None:
    for key, value in result.items():
        if isinstance(value, list):
            print(f"{key}: {len(value)}")
            for item in value:
                print(f"  {json.dumps(item, ensure_ascii=False)}")
        else:
            print(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    sys.stdout.flush()


def _serve(options: argparse.Namespace) -> Outcome:
    """Become the browser's server."""
    plan = None if options.plan is None else Path(options.plan)
    environment = serving.server_environment(plan, os.environ)
    address = serving.address_of(options.host, options.port)
    command = serving.server_command(
        host=options.host, port=options.port, open_browser=not options.json
    )
    _say(f"请在浏览器中打开 {address} ，按 Ctrl+C 停止。")
    if options.json:
        print(json.dumps({"address": address}))
    code = serving.become(command, environment)
    return (DONE if code == 0 else REFUSED), {}


def _parser() -> ShellParser:
    parser = ShellParser(
        prog="pianqu", description="老旧小区改造片区规划。与网页相同的各步，供脚本和定时任务使用。"
    )
    version = f"pianqu {metadata.version('pianqu')}"
    parser.shown.add_argument("--version", action="version", version=version, help="显示版本")
    commands = parser.add_subparsers(title="命令", metavar="命令", dest="命令", required=True)
    _plan_commands(commands)
    _exchange_commands(commands)
    serve = _command(commands, "serve", _serve, "启动网页", plan=None)
    serve.shown.add_argument("plan", metavar="PLAN", nargs="?", help="计划文件，或放计划的文件夹")
    serve.shown.add_argument("--host", default="127.0.0.1", metavar="地址", help="默认只供本机打开")
    serve.shown.add_argument("--port", type=count, default=8501, metavar="端口", help="默认 8501")
    return parser


def _command(
    commands: Any, name: str, step: Step, says: str, *, plan: str | None = "计划文件（.gpkg）"
) -> ShellParser:
    made: ShellParser = commands.add_parser(name, help=says, description=f"{says}。")
    made.set_defaults(step=step)
    if plan is not None:
        made.shown.add_argument("plan", metavar="PLAN", help=plan)
    made.shown.add_argument("--json", action="store_true", help="结果写成一个 JSON 对象")
    made.shown.add_argument("--actor", metavar="姓名", help="修改记录里的姓名，默认为登录名")
    return made


def _plan_commands(commands: Any) -> None:
    new = _command(commands, "new", steps.new, "新建计划，空的或带示例")
    new.shown.add_argument(
        "--sample", metavar="ID", help="yuncheng-2024、litong-parking 或 city:小区数:种子"
    )
    new.shown.add_argument("--rules", metavar="ID", help="规则方案，如 yuncheng-2024")
    new.shown.add_argument("--name", metavar="名称", help="计划名称，默认为文件名")

    _command(commands, "check", steps.check, "检查台账和边界", plan="计划文件，或台账（xlsx、csv）")

    judge = _command(commands, "judge", judging.judge, "按规则方案逐个小区判定")
    judge.shown.add_argument(
        "--rules", metavar="ID[,ID]", help="规则方案，可写几个，含我市方案；默认为计划选用的方案"
    )
    judge.shown.add_argument("--all", action="store_true", help="屏幕上连“符合”的也列出")

    neighbours = _command(commands, "neighbours", steps.neighbours, "列出相邻的小区")
    bundle = _command(commands, "bundle", bundling.bundle, "给未分组的小区提出片区方案")
    for made in (neighbours, bundle):
        made.shown.add_argument(
            "--max-gap", type=positive, metavar="米", help="相邻间距的上限，默认 30"
        )
    neighbours.shown.add_argument("--no-barriers", action="store_true", help="不计道路、河流等阻隔")
    bundling.add_arguments(bundle)

    lay = _command(commands, "stalls", stalls.stalls, "找空地，排停车位")
    stalls.add_arguments(lay)

    site = _command(commands, "sites", sites.sites, "给服务设施选址")
    sites.add_arguments(site)

    _command(commands, "undo", steps.undo, "撤销最近一次修改")
    history = _command(commands, "history", steps.history, "列出谁在什么时候改了什么")
    history.shown.add_argument("--limit", type=count, default=200, metavar="N", help="默认 200 条")


def _exchange_commands(commands: Any) -> None:
    bring = _command(commands, "import", exchange.import_files, "导入台账和边界")
    bring.shown.add_argument(
        "files", metavar="FILE", nargs="+", help="xlsx、csv、geojson、gpkg、zip"
    )
    bring.shown.add_argument("--kind", metavar="KIND", help="ledger 或图层名，默认按文件判断")
    bring.shown.add_argument("--crs", metavar="CRS", help="EPSG 代码、gcj02 或 bd09")
    bring.shown.add_argument("--accept-far", action="store_true", help="确认在海上或离得很远的边界")

    hand = _command(commands, "export", exchange.export_files, "导出经过核对的文件")
    hand.shown.add_argument(
        "--format", required=True, metavar="格式", help="geojson、gpkg、shapefile 或 xlsx"
    )
    hand.shown.add_argument("--crs", metavar="CRS", help="GeoJSON：4490（默认）或 rfc7946")
    hand.shown.add_argument(
        "--layer", default="compounds", metavar="图层", help="compounds（默认）或 pianqu"
    )
    hand.shown.add_argument("--out", required=True, metavar="DIR", help="放文件的文件夹")
    hand.shown.add_argument("--encoding", metavar="编码", help="Shapefile：gbk（默认）或 utf-8")
    hand.shown.add_argument(
        "--accept-losses", action="store_true", help="同意截短该格式装不下的内容"
    )

    sheet = _command(commands, "sheet", exchange.sheet, "出一张 A3 图")
    sheet.shown.add_argument("--kind", required=True, choices=["总图"], help="图种")
    sheet.shown.add_argument("--out", required=True, metavar="FILE", help="PDF 或 PNG 文件")
    sheet.shown.add_argument("--theme", default="built", metavar="ID", help="着色，默认 built")
    sheet.shown.add_argument("--title", metavar="图名", help="默认为计划名称和图种")


if __name__ == "__main__":
    sys.exit(main())
