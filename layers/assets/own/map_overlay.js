// What a page lays over the tiles: fetched as flat lists, kept as numbers (map_overlay_shapes.js), drawn on
// one canvas under the names (map_overlay_look.js says how). Labels are only ever drawn or set as text.
(function () {
  "use strict";

  const P = window.Pianqu;
  const Look = P.overlayLook;
  const { POINT, LINE, POLYGON, TILE } = P.shapes;
  const { centreOf, decode, hits, inSight, ringOf, trace, viewOf, worldX, worldY } = P.shapes;
  const TYPE_NAMES = { 1: "point", 2: "line", 3: "polygon" };
  // Drawn beyond the window, so that a short pan shows no empty edge.
  const PADDING = 0.2;
  // A path of too many shapes is slow to fill without a graphics card.
  const SHAPES_A_PATH = 400;
  // A shape of fewer pixels than this is a dot.
  const DOT_PX = 1.6;
  const TEXT_PX = 11;
  const LEAST_TEXT_PX = 8;
  const NOTHING = { count: 0, byClass: [] };

  function drawDots(ctx, shapes, dots, view, look) {
    ctx.fillStyle = look.pattern === "none" ? look.edge || look.color : look.color;
    ctx.globalAlpha = look.opacity;
    dots.forEach((n) => {
      const [x, y] = centreOf(shapes, n, view);
      ctx.fillRect(x - DOT_PX / 2, y - DOT_PX / 2, DOT_PX, DOT_PX);
    });
    ctx.globalAlpha = 1;
  }

  function drawPaths(ctx, shapes, members, view, look, corner) {
    const fill = Look.fillOf(ctx, look, corner);
    for (let from = 0; from < members.length; from += SHAPES_A_PATH) {
      const some = members.slice(from, from + SHAPES_A_PATH);
      const areas = some.filter((n) => shapes.types[n] === POLYGON);
      if (fill && areas.length) {
        ctx.beginPath();
        areas.forEach((n) => trace(ctx, shapes, n, view));
        ctx.globalAlpha = look.opacity;
        ctx.fillStyle = fill;
        // Python turns outer rings one way and holes the other: shapes may overlap, holes stay open.
        ctx.fill("nonzero");
        ctx.globalAlpha = 1;
      }
      const lines = look.edge ? some : some.filter((n) => shapes.types[n] === LINE);
      if (!lines.length) continue;
      ctx.beginPath();
      lines.forEach((n) => trace(ctx, shapes, n, view));
      Look.pen(ctx, look);
      if (!look.edge) ctx.strokeStyle = look.color;
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }

  /** Numbers in stalls, names in pieces of ground: only where they have room. */
  function drawTexts(ctx, shapes, members, view, look, font) {
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = "#1c2b39";
    ctx.strokeStyle = "rgba(255, 255, 255, 0.85)";
    ctx.lineJoin = "round";
    ctx.lineWidth = 2.5;
    members.forEach((n) => {
      const text = shapes.texts[shapes.of[n]];
      if (!text) return;
      const box = shapes.box.subarray(4 * n, 4 * n + 4);
      const room = Math.min(box[2] - box[0], box[3] - box[1]) * view.scale;
      const px = Math.min(TEXT_PX, Math.floor((room * 1.5) / Math.max(text.length, 2)));
      if (px < LEAST_TEXT_PX) return;
      const [x, y] = centreOf(shapes, n, view);
      ctx.font = `${px}px ${font}`;
      ctx.strokeText(text, x, y);
      ctx.fillText(text, x, y);
    });
  }

  function drawClass(ctx, shapes, members, view, look, corner, font) {
    const shown = members.filter((n) => inSight(shapes, n, view, 24 / view.scale));
    const dots = [];
    const paths = [];
    const points = [];
    shown.forEach((n) => {
      const at = 4 * n;
      const side = Math.max(shapes.box[at + 2] - shapes.box[at], shapes.box[at + 3] - shapes.box[at + 1]);
      if (shapes.types[n] === POINT) points.push(n);
      else if (side * view.scale < DOT_PX) dots.push(n);
      else paths.push(n);
    });
    drawDots(ctx, shapes, dots, view, look);
    drawPaths(ctx, shapes, paths, view, look, corner);
    points.forEach((n) => {
      const [x, y] = centreOf(shapes, n, view);
      Look.sign(ctx, look, x, y, look.sign || shapes.texts[shapes.of[n]] || "", font);
    });
    return paths;
  }

  /** Outline what is selected or under the pointer. */
  function drawMarked(ctx, shapes, wanted, view, looks, color) {
    const signs = new Map();
    for (let n = 0; n < shapes.count && wanted.size; n += 1) {
      const look = looks[shapes.kinds[shapes.of[n]]];
      if (look && shapes.types[n] === POINT) signs.set(shapes.uids[shapes.of[n]], look.radius_px);
    }
    for (let n = 0; n < shapes.count && wanted.size; n += 1) {
      const of = shapes.of[n];
      if (!wanted.has(shapes.uids[of]) || !inSight(shapes, n, view, 24 / view.scale)) continue;
      const look = looks[shapes.kinds[of]];
      if (!look) continue;
      // An area that lies under its own sign would strike it through.
      const [west, north, east, south] = shapes.box.subarray(4 * n, 4 * n + 4);
      const size = Math.max(east - west, south - north) * view.scale;
      if (shapes.types[n] !== POINT && size < 2 * (signs.get(shapes.uids[shapes.of[n]]) || 0)) continue;
      ctx.beginPath();
      if (shapes.types[n] === POINT) {
        const [x, y] = centreOf(shapes, n, view);
        ctx.arc(x, y, look.radius_px + 3, 0, 2 * Math.PI);
      } else trace(ctx, shapes, n, view);
      ctx.lineJoin = "round";
      ctx.strokeStyle = "#ffffff";
      ctx.lineWidth = 5;
      ctx.stroke();
      ctx.strokeStyle = color;
      ctx.lineWidth = 2.5;
      ctx.stroke();
    }
  }

  const Layer = L.Layer.extend({
    initialize: function (draw) {
      this._draw = draw;
    },
    onAdd: function (map) {
      this._canvas = L.DomUtil.create("canvas", "pq-overlay leaflet-zoom-animated", map.getPane("overlay"));
      map.on("moveend resize", this.redraw, this);
      map.on("zoomanim", this._animate, this);
    },
    onRemove: function (map) {
      this._canvas.remove();
      map.off("moveend resize", this.redraw, this);
      map.off("zoomanim", this._animate, this);
    },
    // While zooming the old picture is stretched; the new one comes at the end.
    _animate: function (event) {
      const scale = this._map.getZoomScale(event.zoom, this._zoom);
      const offset = this._map._latLngToNewLayerPoint(this._corner, event.zoom, event.center);
      L.DomUtil.setTransform(this._canvas, offset, scale);
    },
    redraw: function () {
      const map = this._map;
      const window_ = map.getSize();
      const size = window_.multiplyBy(1 + 2 * PADDING).round();
      const corner = window_.multiplyBy(-PADDING).round();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      this._zoom = map.getZoom();
      this._corner = map.containerPointToLatLng(corner);
      L.DomUtil.setTransform(this._canvas, map.containerPointToLayerPoint(corner), 1);
      this._canvas.width = size.x * ratio;
      this._canvas.height = size.y * ratio;
      this._canvas.style.width = `${size.x}px`;
      this._canvas.style.height = `${size.y}px`;
      const ctx = this._canvas.getContext("2d");
      ctx.scale(ratio, ratio);
      this._draw(ctx, viewOf(map, corner, size));
    },
  });

  P.addOverlay = function (app) {
    const map = app.map;
    map.createPane("overlay").style.zIndex = 300;
    map.getPane("overlay").style.pointerEvents = "none";
    let shapes = NOTHING;
    let looks = [];
    let selected = new Set();
    let marked = new Set();
    let wanted = null;
    let hovered = null;
    const hidden = new Map(); // by class, once the planner has chosen

    const isHidden = (look) => (hidden.has(look.name) ? hidden.get(look.name) : look.hidden);
    const drawn = (look) => look && !isHidden(look) && map.getZoom() >= look.from_zoom;

    const layer = new Layer((ctx, view) => {
      const corner = { x: view.left, y: view.top };
      const font = fontOf(map);
      app.overlayDrawn = 0;
      shapes.byClass.forEach((members, k) => {
        if (!members.length || !drawn(looks[k])) return;
        const paths = drawClass(ctx, shapes, members, view, looks[k], corner, font);
        app.overlayDrawn += members.length;
        const from = looks[k].text_from;
        if (from !== null && map.getZoom() >= from && shapes.texts.length) {
          drawTexts(ctx, shapes, paths, view, looks[k], font);
        }
      });
      if (!shapes.count) return;
      const seen = looks.map((look) => (drawn(look) ? look : null));
      if (selected.size) drawMarked(ctx, shapes, selected, view, seen, Look.SELECTED);
      if (marked.size) drawMarked(ctx, shapes, marked, view, seen, Look.HOVERED);
    });
    layer.addTo(map);

    function take(found) {
      shapes = found;
      looks = looksFor(app.state.overlay, shapes);
      hovered = null;
      layer.redraw();
      app.events.fire("overlay");
      app.events.fire("legend");
    }

    function load(url) {
      wanted = url;
      if (!url) {
        take(NOTHING);
        return;
      }
      app.fetch(url)
        .then((answer) => (answer.status === 204 ? null : answer.json()))
        .then((wire) => wire && wanted === url && take(decode(wire)))
        .catch(() => null);
    }

    app.events.on("state", ({ state, before }) => {
      const [now, then] = [state.overlay || {}, before.overlay || {}];
      selected = new Set(now.selected || []);
      if (JSON.stringify(now.covers) !== JSON.stringify(then.covers)) app.tiles.setHidden(app.hiddenLayers());
      if (app.tiles) app.tiles.setOutlined(Boolean(now.url));
      if (now.url !== then.url) load(now.url || null);
      else if (JSON.stringify(now) !== JSON.stringify(then)) {
        looks = looksFor(state.overlay, shapes);
        layer.redraw();
        app.events.fire("legend");
      }
    });
    app.events.on("refresh", () => {
      const url = app.state.overlay && app.state.overlay.url;
      if (url && wanted === url && !shapes.count) load(url);
    });
    // A served font comes after the first signs and numbers have been drawn.
    document.fonts.addEventListener("loadingdone", () => {
      if (!app.state.overlay) return;
      layer.redraw();
      app.events.fire("legend");
    });

    /** The uppermost shape at a place that `fits`, with its words. */
    app.overlayAt = function (latlng, fits) {
      const [x, y] = [worldX(latlng.lng), worldY(latlng.lat)];
      const scale = TILE * 2 ** map.getZoom();
      for (let k = shapes.byClass.length - 1; k >= 0; k -= 1) {
        if (!drawn(looks[k]) || !fits(looks[k])) continue;
        const members = shapes.byClass[k];
        for (let m = members.length - 1; m >= 0; m -= 1) {
          if (hits(shapes, members[m], x, y, scale, looks[k])) return told(members[m], k);
        }
      }
      return null;
    };

    function told(n, k) {
      const of = shapes.of[n];
      return {
        n,
        uid: shapes.uids[of] || "",
        label: shapes.labels[of] || "",
        class: shapes.classes[k],
        clickable: looks[k].clickable,
        ring: () => ringOf(shapes, n),
      };
    }

    /** Corners of the shapes of some classes near a place, as {uid, ring}; for what snaps to them. */
    app.overlayNear = function (latlng, classes, metres) {
      const reach = metres / (40075016.7 * Math.cos((latlng.lat * Math.PI) / 180));
      const [x, y] = [worldX(latlng.lng), worldY(latlng.lat)];
      const view = { west: x, east: x, north: y, south: y };
      const found = [];
      shapes.byClass.forEach((members, k) => {
        if (!classes.includes(shapes.classes[k]) || !drawn(looks[k])) return;
        members.forEach((n) => {
          if (shapes.types[n] !== POLYGON || !inSight(shapes, n, view, reach)) return;
          found.push({ uid: shapes.uids[shapes.of[n]] || "", ring: ringOf(shapes, n) });
        });
      });
      return found;
    };

    /** Outline some shapes by id: a row of a list beside the map is under the pointer. */
    app.markOverlay = function (uids) {
      const next = new Set(uids);
      if (next.size === marked.size && uids.every((uid) => marked.has(uid))) return;
      marked = next;
      layer.redraw();
    };

    addHover(app, (hit) => {
      if ((hit && hit.n) === (hovered && hovered.n)) return;
      hovered = hit;
      app.overlayHit = hit && hit.label ? hit : null;
      app.markOverlay(hit && hit.clickable && hit.uid ? [hit.uid] : []);
      map.getContainer().classList.toggle("pq-over", Boolean(hit && hit.clickable));
    });
    addLegend(app, () => looks, isHidden, (look) => {
      hidden.set(look.name, !isHidden(look));
      layer.redraw();
      app.events.fire("legend");
    });
  };

  /** The map's font; styles come after the map, so it is asked for each time. */
  function fontOf(map) {
    return getComputedStyle(map.getContainer()).fontFamily;
  }

  /** Looks in the order of the classes of the shapes; the legend draws them as points, lines or areas. */
  function looksFor(state, shapes) {
    const byName = new Map(((state && state.classes) || []).map((look) => [look.name, look]));
    return (shapes.classes || []).map((name, k) => {
      const look = byName.get(name);
      if (!look) return null;
      const first = shapes.byClass[k][0];
      const none = look.sign ? POINT : POLYGON;
      return Object.assign({}, look, { shape: TYPE_NAMES[first === undefined ? none : shapes.types[first]] });
    });
  }

  function addHover(app, tell) {
    let waiting = false;
    app.map.on("mousemove", (event) => {
      if (waiting || event.originalEvent.buttons) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        const still = app.mode === "select" && !app.aggregated();
        tell(still ? app.overlayAt(event.latlng, (look) => look.told || look.clickable) : null);
      });
    });
    app.map.on("mouseout", () => tell(null));
    app.events.on("mode", () => tell(null));
  }

  /** Lines of the overlay in the map's legend; a click shows or hides a class. */
  function addLegend(app, looksNow, isHidden, toggle) {
    app.legendParts.push(() => {
      const state = app.state.overlay;
      const looks = looksNow().filter((look) => look && look.in_legend);
      if (!state || !looks.length) return null;
      const part = P.element("div", "pq-overlay-legend");
      if (state.title) part.appendChild(P.element("b", null, state.title));
      looks.forEach((look) => {
        const row = P.element("button", "pq-row", null, [
          Look.swatch(look, fontOf(app.map)),
          P.element("span", null, look.title),
          P.element("em", null, look.detail),
        ]);
        row.type = "button";
        row.dataset.class = look.name;
        row.title = "单击显示或隐藏";
        row.setAttribute("aria-pressed", String(!isHidden(look)));
        row.classList.toggle("pq-off", isHidden(look));
        row.addEventListener("click", () => toggle(look));
        part.appendChild(row);
      });
      state.notes.forEach((note) => part.appendChild(P.element("p", null, note)));
      return part;
    });
  }
})();
