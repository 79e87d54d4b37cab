// The list of 片区 in the panel. A row under the pointer is outlined on the map, what is under the pointer on
// the map has its row marked here; a click or Enter opens. Streamlit's own tables tell nothing of the pointer.
// Texts of the plan are set with textContent; none is ever taken for HTML.
const SVG = "http://www.w3.org/2000/svg";
const COLUMNS = [
  ["name", "片区"],
  ["compounds", "小区"],
  ["households", "户数"],
  ["investment", "投资万元"],
  ["sign", null],
];
const kept = new Map(); // by key of the list: where it is scrolled to, how it is sorted

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function padlock() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 12 14");
  svg.setAttribute("class", "pqr-lock");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "已锁定");
  [
    ["path", { d: "M3 6V4a3 3 0 0 1 6 0v2", fill: "none", stroke: "currentColor", "stroke-width": 1.6 }],
    ["rect", { x: 1.5, y: 6, width: 9, height: 7, rx: 1.2, fill: "currentColor" }],
  ].forEach(([name, values]) => {
    const part = document.createElementNS(SVG, name);
    Object.entries(values).forEach(([key, value]) => part.setAttribute(key, value));
    svg.appendChild(part);
  });
  return svg;
}

function mapOfPage() {
  const frame = document.querySelector(".st-key-map iframe");
  try {
    return frame && frame.contentWindow.pianqu ? frame.contentWindow.pianqu.app : null;
  } catch (_) {
    return null;
  }
}

function outline(row) {
  const app = mapOfPage();
  if (app && app.outline) app.outline(row === null || row === undefined ? [] : [row]);
}

function compare(one, other) {
  if (one === null || one === undefined) return other === null || other === undefined ? 0 : 1;
  if (other === null || other === undefined) return -1;
  if (typeof one === "number") return one - other;
  return String(one).localeCompare(String(other), "zh-CN", { numeric: true });
}

function sorted(rows, sort) {
  const places = rows.map((_, at) => at);
  if (!sort) return places;
  const first = places.filter((at) => rows[at].first);
  const rest = places.filter((at) => !rows[at].first);
  rest.sort((a, b) => sort.turn * compare(rows[a].by[sort.column], rows[b].by[sort.column]) || a - b);
  return [...first, ...rest];
}

function head(data, state, redraw) {
  const row = element("tr");
  row.appendChild(element("th", "pqr-dot"));
  COLUMNS.forEach(([column, title]) => {
    const cell = element("th", `pqr-${column}`);
    const button = element("button", "pqr-sort", title || data.sign);
    const turn = state.sort && state.sort.column === column ? state.sort.turn : 0;
    if (turn) cell.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending");
    button.appendChild(element("i", "", turn ? (turn > 0 ? "▲" : "▼") : ""));
    button.onclick = () => {
      state.sort = turn === 0 ? { column, turn: 1 } : turn === 1 ? { column, turn: -1 } : null;
      redraw();
    };
    cell.appendChild(button);
    row.appendChild(cell);
  });
  return row;
}

function line(data, at, pick) {
  const one = data.rows[at];
  const row = element("tr", at === data.opened ? "pqr-open" : "");
  row.tabIndex = 0;
  if (one.row !== null) row.dataset.row = one.row;
  if (one.first) row.dataset.row = "none";
  if (at === data.opened) row.setAttribute("aria-current", "true");
  const dot = element("td", "pqr-dot");
  const mark = element("span", one.color ? "" : "pqr-none");
  if (one.color) mark.style.background = one.color;
  dot.appendChild(mark);
  row.appendChild(dot);
  COLUMNS.forEach(([column]) => {
    const cell = element("td", `pqr-${column}`, one[column]);
    if (column === "name") {
      cell.title = one.name;
      if (one.locked) cell.prepend(padlock());
    }
    if (column === "sign") cell.classList.add(one.sign === "✗" ? "pqr-bad" : "pqr-good");
    row.appendChild(cell);
  });
  row.onclick = () => pick(at);
  row.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      pick(at);
    }
    if (event.key === "ArrowDown" && row.nextElementSibling) row.nextElementSibling.focus();
    if (event.key === "ArrowUp" && row.previousElementSibling) row.previousElementSibling.focus();
  };
  row.onmouseenter = row.onfocus = () => outline(one.row);
  row.onmouseleave = row.onblur = () => outline(null);
  return row;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".pqr");
  const state = kept.get(data.key) || { sort: null, scroll: 0 };
  kept.set(data.key, state);
  const pick = (at) => setTriggerValue("picked", { at, seq: Date.now() });

  function draw() {
    const table = element("table");
    const top = element("thead");
    top.appendChild(head(data, state, draw));
    const body = element("tbody");
    sorted(data.rows, state.sort).forEach((at) => body.appendChild(line(data, at, pick)));
    table.append(top, body);
    root.replaceChildren(table);
    root.style.maxHeight = `${data.height}px`;
    root.scrollTop = state.scroll;
  }

  draw();
  root.onscroll = () => (state.scroll = root.scrollTop);
  if (data.opened !== null && data.opened !== state.opened) {
    const open = root.querySelector(".pqr-open");
    if (open) open.scrollIntoView({ block: "nearest" });
  }
  state.opened = data.opened;

  // What is under the pointer on the map: rows of 片区, "none" for a compound of none.
  const hovered = (event) => {
    const wanted = new Set((event.detail || []).map(String));
    let first = null;
    root.querySelectorAll("tbody tr").forEach((row) => {
      const hit = wanted.has(row.dataset.row);
      row.classList.toggle("pqr-hover", hit);
      if (hit && !first) first = row;
    });
    if (first) first.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("pianqu:hover", hovered);
  return () => {
    document.removeEventListener("pianqu:hover", hovered);
    outline(null);
  };
}
