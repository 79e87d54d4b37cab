// What is written over the tiles: names that fit, counts at low zoom, and the name under the pointer.
// Names are drawn on a canvas or set with textContent; none is ever taken for HTML.
(function () {
  "use strict";

  const P = window.Pianqu;
  const HOVER_DELAY_MS = 130;
  const NAMES_FROM_ZOOM = 13;
  const LINE_PX = 15;
  // A name may be a little wider than its compound before it counts as not fitting.
  const OVERHANG = 1.2;
  const MAX_LINE_CHARS = 7;

  /** A canvas over the map that is drawn anew after each move. */
  const Marks = L.Layer.extend({
    initialize: function (draw) {
      this._draw = draw;
    },
    onAdd: function (map) {
      this._canvas = L.DomUtil.create("canvas", "pq-marks leaflet-zoom-hide", map.getPane("names"));
      map.on("moveend resize", this.redraw, this);
      map.on("zoomstart", this._clear, this);
    },
    onRemove: function (map) {
      this._canvas.remove();
      map.off("moveend resize", this.redraw, this);
      map.off("zoomstart", this._clear, this);
    },
    _clear: function () {
      this._canvas.width = this._canvas.width;
    },
    redraw: function () {
      const size = this._map.getSize();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      L.DomUtil.setPosition(this._canvas, this._map.containerPointToLayerPoint([0, 0]));
      this._canvas.width = size.x * ratio;
      this._canvas.height = size.y * ratio;
      this._canvas.style.width = `${size.x}px`;
      this._canvas.style.height = `${size.y}px`;
      const ctx = this._canvas.getContext("2d");
      ctx.scale(ratio, ratio);
      this._draw(ctx, size);
    },
  });

  function fontOf(ctx, map, bold, px) {
    const family = getComputedStyle(map.getContainer()).fontFamily;
    ctx.font = `${bold ? "700 " : ""}${px}px ${family}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
  }

  /** Break a long name near its middle, before a number rather than inside it. */
  function linesOf(name) {
    if (name.length <= MAX_LINE_CHARS) return [name];
    const middle = name.length / 2;
    let best = null;
    for (let at = 2; at <= name.length - 2; at += 1) {
      const within = /\w/.test(name[at - 1]) && /\w/.test(name[at]);
      if (within || /[）)、，号]/.test(name[at])) continue;
      const before = /\w/.test(name[at]) && !/\w/.test(name[at - 1]);
      const cost = Math.abs(at - middle) - (before ? 1.5 : 0);
      if (best === null || cost < best.cost) best = { at, cost };
    }
    return best ? [name.slice(0, best.at), name.slice(best.at)] : [name];
  }

  function boxOf(ctx, lines, at, linePx) {
    const width = Math.max(...lines.map((line) => ctx.measureText(line).width));
    const height = lines.length * linePx;
    return { x: at.x - width / 2, y: at.y - height / 2, width, height };
  }

  function meets(box, others) {
    return others.some(
      (o) =>
        box.x < o.x + o.width + 4 &&
        o.x < box.x + box.width + 4 &&
        box.y < o.y + o.height + 2 &&
        o.y < box.y + box.height + 2,
    );
  }

  function write(ctx, lines, at, linePx, color) {
    lines.forEach((line, n) => {
      const y = at.y + (n - (lines.length - 1) / 2) * linePx;
      ctx.lineWidth = 3.5;
      ctx.strokeStyle = "rgba(255,255,255,0.92)";
      ctx.strokeText(line, at.x, y);
      ctx.fillStyle = color;
      ctx.fillText(line, at.x, y);
    });
  }

  /** A padlock, drawn: office computers have no sign for it in every font. */
  function padlock(ctx, at, color) {
    const body = () => {
      ctx.beginPath();
      ctx.arc(at.x, at.y - 2, 3.4, Math.PI, 2 * Math.PI);
      ctx.moveTo(at.x - 3.4, at.y - 2);
      ctx.lineTo(at.x - 3.4, at.y);
      ctx.moveTo(at.x + 3.4, at.y - 2);
      ctx.lineTo(at.x + 3.4, at.y);
      ctx.stroke();
      ctx.beginPath();
      ctx.rect(at.x - 5.5, at.y - 0.5, 11, 7.5);
    };
    ctx.lineWidth = 4.5;
    ctx.strokeStyle = "rgba(255,255,255,0.92)";
    body();
    ctx.stroke();
    ctx.lineWidth = 1.7;
    ctx.strokeStyle = color;
    body();
    ctx.fillStyle = color;
    ctx.fill();
  }

  function drawNames(app, ctx, names) {
    const taken = [];
    const map = app.map;
    app.namesDrawn = 0;
    // Where no Chinese font is installed the served one is on its way; boxes help nobody meanwhile.
    if (document.fonts.status === "loading") return;
    fontOf(ctx, map, true, 15);
    (app.state.labels || []).forEach(([name, lon, lat, color, locked]) => {
      if (app.isHidden("pianqu")) return;
      const at = map.latLngToContainerPoint([lat, lon]);
      const box = boxOf(ctx, [name], at, 18);
      if (meets(box, taken)) return;
      taken.push(box);
      const colors = app.config.pianqu_colors;
      const ink = colors.length ? P.paint.darker(colors[color % colors.length]) : "#1c2b39";
      write(ctx, [name], at, 18, ink);
      if (locked) padlock(ctx, { x: box.x - 9, y: at.y }, ink);
    });
    if (map.getZoom() < NAMES_FROM_ZOOM || app.isHidden("names") || app.isHidden("compounds")) return;
    fontOf(ctx, map, false, 12);
    const sizes = app.tiles.sizes(Math.round(map.getZoom()));
    const signs = new Map((app.state.legend ? app.state.legend.rows : []).map((r) => [r.class_index, r.mark]));
    const place = (lines, at, size) => {
      const box = boxOf(ctx, lines, at, LINE_PX);
      if (!size || box.width > size[0] * OVERHANG || box.height > size[1] * OVERHANG) return false;
      if (meets(box, taken)) return false;
      taken.push(box);
      write(ctx, lines, at, LINE_PX, "#1c2b39");
      app.namesDrawn += 1;
      return true;
    };
    names.forEach(([row, name, lon, lat, schematic]) => {
      const sign = signs.get(app.tiles.classOf(row)) || "";
      const lines = linesOf(sign ? `${sign} ${name}` : name);
      if (schematic) lines.push("（示意）");
      const at = map.latLngToContainerPoint([lat, lon]);
      // Where the name has no room its sign may have.
      if (!place(lines, at, sizes.get(row)) && sign) place([sign], at, sizes.get(row));
    });
  }

  function circleRadius(count) {
    return Math.min(12 + 5 * Math.log10(count + 1), 34);
  }

  function drawAggregates(app, ctx, cells) {
    fontOf(ctx, app.map, true, 12);
    cells.forEach(([lon, lat, count]) => {
      const at = app.map.latLngToContainerPoint([lat, lon]);
      ctx.beginPath();
      ctx.arc(at.x, at.y, circleRadius(count), 0, 2 * Math.PI);
      ctx.fillStyle = "rgba(15, 92, 122, 0.82)";
      ctx.fill();
      ctx.lineWidth = 2;
      ctx.strokeStyle = "#ffffff";
      ctx.stroke();
      ctx.fillStyle = "#ffffff";
      ctx.fillText(P.geo.grouped(count, 0), at.x, at.y);
    });
  }

  function addWriting(app) {
    let names = [];
    let cells = [];
    let running = null;
    const marks = new Marks((ctx) => {
      if (!app.tiles) return;
      if (app.aggregated()) drawAggregates(app, ctx, cells);
      else drawNames(app, ctx, names);
    });
    marks.addTo(app.map);

    function refresh() {
      if (!app.tiles) return;
      if (running) running.abort();
      running = new AbortController();
      const { signal } = running;
      const wanted = app.aggregated()
        ? app.json(`aggregates?z=${app.map.getZoom()}`, { signal }).then((got) => (cells = got))
        : app.map.getZoom() < NAMES_FROM_ZOOM
          ? Promise.resolve((names = []))
          : app.json(`names?bbox=${app.bbox(0.1)}`, { signal }).then((got) => (names = got));
      wanted.then(() => marks.redraw()).catch(() => null);
    }

    let timer = null;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, 60);
    };
    app.map.on("moveend", soon);
    app.events.on("refresh", soon);
    app.events.on("tiles state layers", () => marks.redraw());
    // A served font comes after the first names have been written.
    document.fonts.addEventListener("loadingdone", () => marks.redraw());

    /** The cell under a point of the map, at low zoom. */
    app.cellAt = function (point) {
      return cells.find(([lon, lat, count]) => {
        return app.map.latLngToContainerPoint([lat, lon]).distanceTo(point) <= circleRadius(count);
      });
    };
  }

  function addHover(app) {
    const tip = P.element("div", "pq-tip");
    tip.hidden = true;
    app.map.getContainer().appendChild(tip);
    let timer = null;
    let running = null;

    function hide() {
      clearTimeout(timer);
      if (running) running.abort();
      tip.hidden = true;
    }

    function called(hit) {
      const marks = [hit.schematic ? "示意" : "", hit.locked ? "已锁定" : ""].filter(Boolean);
      return (hit.name || "未命名") + (marks.length ? `（${marks.join("，")}）` : "");
    }

    /** 片区 of what is under the pointer, where all of it is in one. */
    function groupOf(found) {
      const hit = found.find((one) => one.pianqu_row !== null || one.pianqu !== null);
      if (!hit) return "";
      return ` · ${hit.pianqu || "未命名片区"}${hit.pianqu_locked ? "（已锁定）" : ""}`;
    }

    function show(all, point) {
      const found = all.filter((hit) => hit.sign === undefined);
      mark(found);
      const over = app.overlayHit ? [app.overlayHit.label] : [];
      all.forEach((hit) => hit.sign !== undefined && over.push(hit.sign));
      if (!found.length && !over.length) return;
      const names = found.slice(0, 4).map(called);
      if (found.length > 4) names.push(`等 ${found.length} 个`);
      const under = names.length ? [names.join("、") + groupOf(found)] : [];
      tip.textContent = over.concat(under).join("\n");
      tip.hidden = false;
      const size = app.map.getSize();
      tip.style.left = `${Math.min(point.x + 14, size.x - tip.offsetWidth - 6)}px`;
      tip.style.top = `${Math.min(point.y + 16, size.y - tip.offsetHeight - 6)}px`;
    }

    app.map.on("mousemove", (event) => {
      hide();
      if (app.mode !== "select" || app.aggregated() || !app.tiles || event.originalEvent.buttons) return;
      timer = setTimeout(() => {
        running = new AbortController();
        const { lng, lat } = event.latlng;
        const where = `lon=${lng.toFixed(7)}&lat=${lat.toFixed(7)}&z=${app.map.getZoom()}`;
        app.json(`at?${where}&signs=1`, { signal: running.signal })
          .then((found) => show(found, event.containerPoint))
          .catch(() => null);
      }, HOVER_DELAY_MS);
    });
    app.map.on("mouseout movestart zoomstart mousedown", hide);
    app.map.on("mouseout", () => mark([]));
    app.events.on("mode", hide);

    let marked = "";

    /** Outline the 片区 under the pointer here, and mark its row in the list beside the map. */
    function mark(found) {
      const rows = found.map((hit) => hit.pianqu_row).filter((row) => row !== null);
      app.outline(rows);
      const told = found.map((hit) => (hit.pianqu_row === null ? "none" : String(hit.pianqu_row)));
      if (told.join() === marked) return;
      marked = told.join();
      tellPage("pianqu:hover", told);
    }
  }

  // The list stands in the page that holds this frame; alone the map has nobody to tell.
  function tellPage(name, detail) {
    if (window.parent === window) return;
    try {
      const page = window.parent;
      page.document.dispatchEvent(new page.CustomEvent(name, { detail }));
    } catch (_) {
      // A page of another origin is none of ours.
    }
  }

  /** Outlines of 片区 over everything: under the pointer here, or of a row of the list. */
  function addOutlines(app) {
    let rows = new Set();
    const marks = new Marks((ctx) => {
      if (app.tiles && rows.size) app.tiles.outlinePianqu(ctx, rows);
    });
    marks.addTo(app.map);
    app.outline = function (wanted) {
      const next = new Set(wanted);
      if (next.size === rows.size && wanted.every((row) => rows.has(row))) return;
      rows = next;
      marks.redraw();
    };
    app.outlined = () => Array.from(rows);
    app.events.on("tiles", () => rows.size && marks.redraw());
  }

  P.addMarks = function (app) {
    addWriting(app);
    addOutlines(app);
    addHover(app);
  };
  P.addWriting = addWriting;
})();
