// What Streamlit lacks on the page: a translation, and keys that reach it from the map.
// Streamlit has no translation. What it says in English is put into Chinese here, as it appears on the
// page: whole texts by the table, texts with a changing part by the patterns. Text of the plan is never
// English in these exact words, and cells of tables are drawn on a canvas, so nothing of the plan is touched.
(() => {
  "use strict";

  const WORDS = {
    "Running...": "处理中…",
    "RUNNING...": "处理中…",
    "Connecting...": "正在连接…",
    CONNECTING: "正在连接…",
    Connecting: "正在连接…",
    Disconnected: "连接已断开",
    "Skip to main content": "跳到主要内容",
    "streamlit_folium.st_folium": "地图",
    "close icon": "关闭",
    Stop: "停止",
    Close: "关闭",
    Clear: "清除",
    "Clear all": "全部清除",
    "Clear value": "清除",
    "Clear selection": "取消选择",
    Deploy: "部署",
    Rerun: "重新运行",
    "Always rerun": "总是重新运行",
    Settings: "设置",
    Print: "打印",
    "Main menu": "主菜单",
    "Connection error": "连接中断",
    "Connection failed": "连接失败",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:":
      "与服务器的连接中断。请稍候，或确认“片区”程序仍在运行：",
    "Is Streamlit still running?": "请确认“片区”程序仍在运行。",
    "Page not found": "没有这个页面",
    "The page that you have requested does not seem to exist. Running the app's main page.":
      "没有找到这个页面，已打开首页。",
    "You do not have access to this page.": "无权打开此页面。",
    "Choose an option": "请选择",
    "Choose options": "请选择",
    "Select all": "全选",
    "Select matches": "选中匹配项",
    "No results": "没有匹配项",
    "No options to select.": "没有可选项",
    "No options to select": "没有可选项",
    Upload: "选择文件",
    "Browse files": "选择文件",
    "Add files": "添加文件",
    "Drag and drop file here": "将文件拖到此处",
    "Drag and drop files here": "将文件拖到此处",
    "Press Enter to apply": "按回车键确认",
    "Press Enter to submit form": "按回车键提交",
    "Press Ctrl+Enter to apply": "按 Ctrl+回车键确认",
    "Press Ctrl+Enter to submit form": "按 Ctrl+回车键提交",
    "Press ⌘+Enter to apply": "按 ⌘+回车键确认",
    Search: "搜索",
    "Type to search": "输入文字搜索",
    "Download as CSV": "下载为 CSV",
    Download: "下载",
    "Show/hide columns": "显示或隐藏列",
    Fullscreen: "全屏",
    "Enter fullscreen": "全屏",
    "Close fullscreen": "退出全屏",
    "Exit fullscreen": "退出全屏",
    "Add row": "添加一行",
    "Delete row(s)": "删除行",
    "Sort ascending": "升序",
    "Sort descending": "降序",
    Format: "格式",
    Autosize: "自动列宽",
    "Pin column": "固定此列",
    "Unpin column": "取消固定",
    "Hide column": "隐藏此列",
    Statistics: "统计",
    Automatic: "自动",
    Localized: "本地格式",
    Plain: "原样",
    Compact: "紧凑",
    Dollar: "美元",
    Euro: "欧元",
    Yen: "日元",
    Percent: "百分比",
    Scientific: "科学计数",
    Accounting: "会计",
    Distance: "相对时间",
    Calendar: "日历",
    empty: "（空）",
    "Copy to clipboard": "复制",
    Copied: "已复制",
    "More options": "更多",
    "Show more": "展开",
    "Show less": "收起",
    "Show password text": "显示",
    "Hide password text": "隐藏",
    "Help": "说明",
    "An error occurred": "出错了",
    "Oh no.": "出错了。",
    "This app has encountered an error. The original error message is redacted to prevent data leaks. Full error details have been recorded in the logs.":
      "程序出错，详情已记入日志。",
    Loading: "正在加载",
    "Loading...": "正在加载…",
    "Please wait...": "请稍候…",
    "Scroll left": "向左",
    "Scroll right": "向右",
    "Remove file": "移除文件",
    January: "1月", February: "2月", March: "3月", April: "4月", May: "5月", June: "6月",
    July: "7月", August: "8月", September: "9月", October: "10月", November: "11月", December: "12月",
    Su: "日", Mo: "一", Tu: "二", We: "三", Th: "四", Fr: "五", Sa: "六",
  };

  const PATTERNS = [
    [/^(\d+(?:\.\d+)?)\s?([KMG]B) per file(?:\s*[•·]\s*(.*))?$/, (m) =>
      `每个文件不超过 ${m[1]} ${m[2]}${m[3] ? ` · ${m[3]}` : ""}`],
    [/^Limit (\d+(?:\.\d+)?)\s?([KMG]B) per file(?:\s*[•·]\s*(.*))?$/, (m) =>
      `每个文件不超过 ${m[1]} ${m[2]}${m[3] ? ` · ${m[3]}` : ""}`],
    [/^(.+) files? are not allowed\.?$/, (m) => `不接受 ${m[1]} 文件`],
    [/^File must be (\S+) or smaller\.?$/, (m) => `文件不得大于 ${m[1]}`],
    [/^You can only select up to (\d+) options?.*$/, (m) => `最多选 ${m[1]} 项`],
    [/^Showing page (\d+) of (\d+)$/, (m) => `第 ${m[1]} 页，共 ${m[2]} 页`],
    [/^Value must be greater than or equal to (.+)\.$/, (m) => `不能小于 ${m[1]}`],
    [/^Value must be less than or equal to (.+)\.$/, (m) => `不能大于 ${m[1]}`],
    [/^Selected (.*)\. Press .*$/, (m) => `已选 ${m[1]}`],
    [/^(\d+) options? available\.?$/, (m) => `有 ${m[1]} 个选项`],
    [/^(.+), selected\.?$/, (m) => `已选 ${m[1]}`],
    [/^Remove (.+)$/, (m) => `移除 ${m[1]}`],
    [/^Clear (.+)$/, (m) => `清除 ${m[1]}`],
    [/^Add "(.*)"$/, (m) => `添加“${m[1]}”`],
    [/^Add: (.*)$/, (m) => `添加：${m[1]}`],
    [/^Open (.+) menu$/, (m) => `打开${m[1]}菜单`],
    [/^View (\d+) more$/, (m) => `另有 ${m[1]} 项`],
    [/^Help for (.+)$/, (m) => `${m[1]}的说明`],
  ];

  const ATTRIBUTES = ["placeholder", "title", "aria-label", "data-tooltip"];

  function chinese(text) {
    const core = text.trim();
    if (!core || core.length > 300 || !/[A-Za-z]/.test(core)) return null;
    if (Object.hasOwn(WORDS, core)) return text.replace(core, () => WORDS[core]);
    for (const [pattern, said] of PATTERNS) {
      const found = pattern.exec(core);
      if (found) return text.replace(core, () => said(found));
    }
    return null;
  }

  function translate(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      const said = chinese(node.nodeValue);
      if (said !== null) node.nodeValue = said;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.tagName === "SCRIPT" || node.tagName === "STYLE") return;
    for (const name of ATTRIBUTES) {
      const value = node.getAttribute(name);
      const said = value === null ? null : chinese(value);
      if (said !== null) node.setAttribute(name, said);
    }
    for (const child of node.childNodes) translate(child);
  }

  function watch() {
    translate(document.body);
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.type === "childList") change.addedNodes.forEach(translate);
        else translate(change.target);
      }
    }).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ATTRIBUTES,
    });
  }

  // In a field these keys belong to the typing: without this they would take back an edit of the plan.
  addEventListener(
    "keydown",
    (event) => {
      const typing = /^(INPUT|TEXTAREA)$/.test(event.target.tagName || "");
      if (typing && (event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) {
        event.stopImmediatePropagation();
      }
    },
    true,
  );

  // The map is a frame of its own: without this, Ctrl+Z after a click on the map would reach nobody.
  function passKeys(frame) {
    const inside = frame.contentWindow;
    if (!inside || frame.dataset.passesKeys === inside.location.href) return;
    frame.dataset.passesKeys = inside.location.href;
    inside.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|TEXTAREA)$/.test(event.target.tagName || "");
      if (typing || !(event.ctrlKey || event.metaKey) || !/^[zy]$/i.test(event.key)) return;
      const { key, code, ctrlKey, metaKey, shiftKey } = event;
      const options = { key, code, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new KeyboardEvent("keydown", options));
    });
  }

  setInterval(() => {
    document.querySelectorAll(".st-key-map iframe").forEach((frame) => {
      try {
        passKeys(frame);
      } catch (error) {
        // Not ready yet; tried again.
      }
    });
  }, 1500);

  if (document.body) watch();
  else addEventListener("DOMContentLoaded", watch);
})();
