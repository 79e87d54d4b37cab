// Maps side by side that move together: one document, one map a grouping, each with its own class table.
// Tiles are fetched once (the browser keeps them); where the pointer is, every map marks the same compound.
(function () {
  "use strict";

  const P = window.Pianqu;
  // Classes from here on are those below, of compounds that the planner has to look at.
  const CHANGED = 64;
  const SCHEMATIC = 1;
  const HIDDEN = 127;
  const TIP_DELAY_MS = 130;
  const NONE = { row: -1 };
  const TEXT = { in: "放大", out: "缩小", whole: "适应全图", ungrouped: "未分组", unnamed: "未命名" };

  /** Tiles that also outline what changes and what is under the pointer. */
  const LinkedTiles = P.PlanTiles.extend({
    _fillCompounds: function (ctx, flat, sorted) {
      this._changed = [];
      sorted.groups.forEach((members, group) => {
        if (group >= CHANGED) this._changed = this._changed.concat(members);
      });
      P.PlanTiles.prototype._fillCompounds.call(this, ctx, flat, sorted);
    },

    _strokeSelected: function (ctx, flat, members, z) {
      outline(ctx, flat, this._changed, z < 13 ? 1 : 2.2);
      P.PlanTiles.prototype._strokeSelected.call(this, ctx, flat, members, z);
      const under = places(flat, this._row);
      if (under.length) outline(ctx, flat, under, 3.2);
    },

    /** Mark the compound of a row, wherever it is; only tiles that have it are painted anew. */
    mark: function (row) {
      const before = this._row;
      if (row === before) return;
      this._row = row;
      this._each((tile) => {
        const flat = tile.layers && tile.layers.compounds;
        if (flat && (places(flat, row).length || places(flat, before).length)) this._paint(tile);
      });
    },

    /** Row of the compound that is painted at a point of the ground; -1 if none is. */
    rowAt: function (latlng) {
      const z = Math.round(this._map.getZoom());
      const at = this._map.project(latlng, z);
      const x = Math.floor(at.x / 256);
      const y = Math.floor(at.y / 256);
      const tile = this._drawn[this._tileCoordsToKey({ x, y, z })];
      const flat = tile && tile.layers && tile.layers.compounds;
      if (!flat || this._hiddenLayers.has("compounds")) return -1;
      for (let n = flat.count - 1; n >= 0; n -= 1) {
        if (this.classOf(flat.ids[n]) === HIDDEN) continue;
        if (inside(flat, n, at.x - x * 256, at.y - y * 256)) return flat.ids[n];
      }
      return -1;
    },
  });

  function places(flat, row) {
    const found = [];
    if (row === undefined || row < 0) return found;
    for (let n = 0; n < flat.count; n += 1) if (flat.ids[n] === row) found.push(n);
    return found;
  }

  // A boundary that nobody has surveyed stays dashed.
  function outline(ctx, flat, members, width) {
    ctx.lineJoin = "round";
    [false, true].forEach((dashed) => {
      const part = (members || []).filter((n) => Boolean(flat.kinds[n] & SCHEMATIC) === dashed);
      if (!part.length) return;
      P.paint.path(ctx, flat, part);
      ctx.strokeStyle = "rgba(255,255,255,0.95)";
      ctx.lineWidth = width + 2;
      ctx.stroke();
      ctx.strokeStyle = "#101820";
      ctx.lineWidth = width;
      if (dashed) ctx.setLineDash([width * 3, width * 1.4]);
      ctx.stroke();
      ctx.setLineDash([]);
    });
  }

  function inside(flat, n, x, y) {
    let odd = false;
    for (let ring = flat.firstRing[n]; ring < flat.firstRing[n + 1]; ring += 1) {
      const end = flat.firstPoint[ring + 1];
      let last = end - 1;
      for (let at = flat.firstPoint[ring]; at < end; at += 1) {
        const [ax, ay] = [flat.xy[2 * at], flat.xy[2 * at + 1]];
        const [bx, by] = [flat.xy[2 * last], flat.xy[2 * last + 1]];
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
        last = at;
      }
    }
    return odd;
  }

  /** All maps of the document. */
  function makeLink(first, config) {
    const grid = P.element("div", "pq-grid");
    document.body.appendChild(grid);
    const link = { grid, config, panes: [], state: {}, leader: null };
    link.panes.push(makePane(link, first));
    addZoom(link);
    return link;
  }

  function makePane(link, given) {
    const cell = P.element("div", "pq-pane");
    const head = P.element("div", "pq-pane-head");
    const ground = P.element("div", "pq-pane-map");
    cell.appendChild(head);
    cell.appendChild(ground);
    link.grid.appendChild(cell);
    if (given) ground.appendChild(given.getContainer());
    const map = given || newMap(link, ground);
    const app = P.core.makeApp(map, link.config);
    const hidden = P.storedHidden(link.config).filter((name) => name !== "pianqu");
    // Outlines are those of the plan as it is; the names are those of each grouping.
    app.hiddenLayers = () => [...hidden, "pianqu"];
    app.isHidden = (name) => hidden.includes(name);
    app.loadClasses = () => loadClasses(link);
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    P.core.addPanes(map);
    P.addMessages(app);
    P.addWriting(app);
    P.addSelecting(app);
    const pane = { cell, head, map, app, tip: addTip(app) };
    follow(link, pane);
    hover(link, pane);
    return pane;
  }

  function newMap(link, ground) {
    const box = P.element("div", "pq-ground");
    ground.appendChild(box);
    const { map } = link.panes[0];
    return L.map(box, {
      center: map.getCenter(),
      zoom: map.getZoom(),
      minZoom: map.getMinZoom(),
      maxZoom: map.getMaxZoom(),
      zoomControl: false,
      boxZoom: false,
      doubleClickZoom: false,
      zoomAnimation: false,
      fadeAnimation: false,
      attributionControl: false,
    });
  }

  function addTip(app) {
    const tip = P.element("div", "pq-tip");
    tip.hidden = true;
    app.map.getContainer().appendChild(tip);
    return tip;
  }

  /** The map that the planner moves takes the others along. */
  function follow(link, pane) {
    pane.map.on("move zoom", () => {
      if (link.leader && link.leader !== pane) return;
      link.leader = pane;
      const middle = pane.map.getCenter();
      const zoom = pane.map.getZoom();
      link.panes.forEach((other) => {
        if (other !== pane) other.map.setView(middle, zoom, { animate: false });
      });
      link.leader = null;
    });
  }

  /** After a change of size all look where the first one has looked. */
  function resize(link) {
    const { map } = link.panes[0];
    const [middle, zoom] = [map.getCenter(), map.getZoom()];
    link.leader = link; // nobody follows anybody meanwhile
    link.panes.forEach((pane) => {
      pane.map.invalidateSize({ pan: false });
      pane.map.setView(middle, zoom, { animate: false, reset: true });
    });
    link.leader = null;
  }

  function hover(link, pane) {
    let timer = null;
    let running = null;
    const rest = () => {
      clearTimeout(timer);
      if (running) running.abort();
      tell(link, NONE);
    };
    pane.map.on("mousemove", (event) => {
      if (pane.app.aggregated() || !pane.app.tiles || event.originalEvent.buttons) return;
      const row = pane.app.tiles.rowAt(event.latlng);
      if (row === link.row) return;
      rest();
      if (row < 0) return;
      tell(link, { row });
      timer = setTimeout(() => {
        running = new AbortController();
        const { lng, lat } = event.latlng;
        const where = `lon=${lng.toFixed(7)}&lat=${lat.toFixed(7)}&z=${pane.map.getZoom()}`;
        pane.app
          .json(`at?${where}`, { signal: running.signal })
          .then((found) => found.length && tell(link, { row, hit: found[0], at: event.latlng }))
          .catch(() => null);
      }, TIP_DELAY_MS);
    });
    pane.map.on("mouseout movestart zoomstart", rest);
  }

  /** Mark a compound on all maps, with its name and its 片区 in each. */
  function tell(link, { row, hit, at }) {
    link.row = row;
    link.panes.forEach((pane, k) => {
      if (pane.app.tiles) pane.app.tiles.mark(row);
      pane.tip.hidden = !hit;
      if (!hit) return;
      const of = (hit.groups && hit.groups[k]) || TEXT.ungrouped;
      pane.tip.textContent = `${hit.name || TEXT.unnamed} · ${of}`;
      const point = pane.map.latLngToContainerPoint(at);
      const size = pane.map.getSize();
      pane.tip.style.left = `${Math.max(4, Math.min(point.x + 14, size.x - pane.tip.offsetWidth - 6))}px`;
      pane.tip.style.top = `${Math.min(point.y + 16, size.y - pane.tip.offsetHeight - 6)}px`;
    });
  }

  function addZoom(link) {
    const { app, map } = link.panes[0];
    const box = P.boxOn(app, "pq-zoom");
    const acts = [
      ["+", TEXT.in, () => map.zoomIn()],
      ["−", TEXT.out, () => map.zoomOut()],
      ["⤢", TEXT.whole, () => app.fit(link.state.extent)],
    ];
    acts.forEach(([sign, title, act]) => {
      const made = P.element("button", null, sign);
      made.type = "button";
      made.title = title;
      made.setAttribute("aria-label", title);
      made.addEventListener("click", act);
      box.appendChild(made);
    });
    new P.ChineseScale({ position: "bottomleft", imperial: false, maxWidth: 110 }).addTo(map);
  }

  /** One answer holds the tables of all maps, one after the other. */
  function loadClasses(link) {
    const { state } = link;
    const url = state.classes_url;
    link.classesWanted = url;
    link.panes[0].app
      .fetch(url)
      .then((answer) => answer.arrayBuffer())
      .then((buffer) => {
        if (link.classesWanted !== url) return; // a later one is on its way
        const size = buffer.byteLength / state.panes.length;
        link.panes.forEach((pane, k) => {
          pane.app.tiles.setStyles(state.styles);
          pane.app.tiles.setClasses(new Uint8Array(buffer, k * size, size));
          pane.app.events.fire("refresh");
        });
      })
      .catch(() => null);
  }

  /** Names of the 片区 of every map: thousands in a large plan, so they come beside the state. */
  function loadLabels(link) {
    const tag = link.state.labels_tag;
    link.labelsWanted = tag;
    link.panes.forEach((pane, k) => {
      pane.app
        .json(`labels/${k}?v=${tag}`)
        .then((labels) => {
          if (link.labelsWanted !== tag) return;
          pane.app.state.labels = labels;
          pane.app.events.fire("state", { state: pane.app.state, before: {} });
        })
        .catch(() => null);
    });
  }

  function keepCount(link, count) {
    while (link.panes.length > count) {
      const gone = link.panes.pop();
      gone.map.remove();
      gone.cell.remove();
    }
    while (link.panes.length < count) link.panes.push(makePane(link, null));
    link.grid.dataset.count = count;
  }

  function showHead(pane, told) {
    pane.head.textContent = "";
    pane.head.appendChild(P.element("b", null, told.title));
    pane.head.appendChild(P.element("span", null, told.line));
    pane.head.title = `${told.title}　${told.line}`;
  }

  function update(link, state) {
    const before = link.state;
    const begun = Boolean(link.panes[0].app.tiles);
    const first = link.panes[0];
    link.state = state;
    keepCount(link, state.panes.length);
    link.panes.forEach((pane, k) => showHead(pane, state.panes[k]));
    if (!before.panes || before.panes.length !== state.panes.length) resize(link);
    if (!begun) {
      first.app.state = { extent: state.extent };
      P.core.place(first.app);
    }
    link.panes.forEach((pane) => {
      const old = pane.app.state;
      pane.app.state = { tiles_rev: state.tiles_rev, labels: old.labels, extent: state.extent };
      if (!pane.app.tiles) P.core.addTiles(pane.app, LinkedTiles);
      pane.app.tiles.setRevision(state.tiles_rev);
      pane.app.setMode("select", null);
      pane.app.events.fire("state", { state: pane.app.state, before: old });
    });
    const others = !before.panes || before.panes.length !== state.panes.length;
    if (others || state.classes_url !== before.classes_url) loadClasses(link);
    if (others || state.labels_tag !== before.labels_tag) loadLabels(link);
    const told = begun ? before.fit_seq : link.config.fit_seq;
    if (state.fit && state.fit_seq !== told) first.app.fit(state.fit);
  }

  window.pianquCompare = function (map, config) {
    const link = makeLink(map, config);
    let waiting = null;
    let ready = false;
    const told = (state) => {
      waiting = state;
      if (ready) update(link, state);
    };
    window.pianqu = { app: link.panes[0].app, map, link, update: told };
    P.core.whenStyled(map, () => {
      ready = true;
      if (waiting) update(link, waiting);
      P.core.reportView(link.panes[0].app);
      new ResizeObserver(() => {
        resize(link);
      }).observe(link.grid);
    });
    setTimeout(P.core.catchUp, 0);
  };
})();
