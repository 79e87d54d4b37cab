// The map of a plan: mounted once, then told what to show (`window.pianqu.update`), never mounted again.
// Parts: map_tiles.js (what is painted), map_marks.js (names, hover, aggregates), map_panels.js (legend,
// layers, search), map_select.js (select, measure), map_edit.js (draw, edit, split), map_overlay.js (what a
// page lays over it), map_stalls.js (set a stall, take one away).
(function () {
  "use strict";

  const P = window.Pianqu;
  const VIEW_DELAY_MS = 400;
  const STYLE_WAIT_MS = 15;
  const WHOLE_COUNTRY = [[18, 73], [54, 135]];
  const EXPIRED = [401, 403];

  const TEXT = {
    gone: "与服务器的连接中断，图上内容可能不是最新的。",
    expired: "本页的授权已失效，请刷新页面。",
    failed: "地图数据读取失败。",
    retry: "重试",
  };

  function makeApp(map, config) {
    const app = {
      map,
      config,
      state: {},
      tools: {},
      mode: null,
      events: new L.Evented(),
      tiles: null,
    };

    /** Tell Python; `seq` makes two events of the same content different. */
    app.send = function (event) {
      window.Streamlit.setComponentValue(Object.assign({ seq: Date.now() }, event));
    };

    /** Fetch below the session's own address; rejects on an error after having shown it. */
    app.fetch = function (path, options) {
      return fetch(config.base + path, options).then(
        (answer) => {
          if (answer.ok) return answer;
          app.problem(answer.status);
          return Promise.reject(new Error(`${path}: ${answer.status}`));
        },
        (error) => {
          if (error.name !== "AbortError") app.problem(0);
          return Promise.reject(error);
        },
      );
    };

    app.json = (path, options) => app.fetch(path, options).then((answer) => answer.json());

    app.problem = function (status) {
      const text = EXPIRED.includes(status) ? TEXT.expired : status ? TEXT.failed : TEXT.gone;
      app.say(text, { kind: "error", action: TEXT.retry, onAction: () => retry(app) });
    };

    app.bbox = function (padding) {
      const bounds = map.getBounds().pad(padding || 0);
      return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
        .map((value) => value.toFixed(7))
        .join(",");
    };

    app.aggregated = () => map.getZoom() < config.aggregate_below_zoom;

    app.fit = function (extent) {
      const bounds = extent
        ? L.latLngBounds([extent[1], extent[0]], [extent[3], extent[2]])
        : L.latLngBounds(WHOLE_COUNTRY);
      map.fitBounds(bounds, { padding: [28, 28], maxZoom: 18, animate: false });
    };

    /** Switch the tool; a tool that can not begin leaves the map with plain selecting. */
    app.setMode = function (mode, target) {
      const tool = app.tools[app.mode];
      if (tool && tool.stop) tool.stop();
      app.mode = mode;
      map.getContainer().dataset.mode = mode;
      app.events.fire("mode", { mode });
      const next = app.tools[mode];
      if (next && next.start && next.start(target) === false) app.setMode("select", null);
    };

    /** Leave the tool as Escape does. */
    app.cancel = function () {
      if (app.mode === "select") return;
      const told = ["draw", "edit", "split", "stall_add", "stall_delete"].includes(app.mode);
      app.setMode("select", null);
      if (told) app.send({ event: "cancel" });
    };

    return app;
  }

  function retry(app) {
    app.say(null);
    (app.loadClasses || loadClasses)(app);
    if (app.tiles) app.tiles.retry();
    app.events.fire("refresh");
  }

  function addPanes(map) {
    map.createPane("plan").style.zIndex = 250;
    const names = map.createPane("names");
    names.style.zIndex = 450;
    names.style.pointerEvents = "none";
  }

  function addTiles(app, Tiles) {
    app.tiles = new (Tiles || P.PlanTiles)(`${app.config.base}tiles/{rev}/{z}/{x}/{y}.pbf`, {
      rev: app.state.tiles_rev,
      pianquColors: app.config.pianqu_colors,
      signs: app.config.signs,
    });
    app.tiles.on("failed", (event) => probe(app, event.coords));
    app.tiles.on("load painted", () => app.events.fire("tiles"));
    app.tiles.setHidden(app.hiddenLayers());
    app.tiles.addTo(app.map);
    // Signs of facilities are written in a font that may come after the first tiles.
    document.fonts.addEventListener("loadingdone", () => app.tiles.repaint());
  }

  // Leaflet.VectorGrid does not tell why a tile has failed.
  function probe(app, coords) {
    const { z, x, y } = coords;
    if (app.probing) return;
    app.probing = true;
    app.fetch(`tiles/${app.state.tiles_rev}/${z}/${x}/${y}.pbf`)
      .catch(() => null)
      .then(() => (app.probing = false));
  }

  function loadClasses(app) {
    const url = app.state.classes_url;
    if (!url) return;
    app.classesWanted = url;
    app.fetch(url)
      .then((answer) => answer.arrayBuffer())
      .then((buffer) => {
        if (app.classesWanted !== url) return; // a later one is on its way
        app.tiles.setStyles(app.state.legend ? app.state.legend.rows : []);
        app.tiles.setClasses(new Uint8Array(buffer));
        app.events.fire("refresh");
      })
      .catch(() => null);
  }

  function same(a, b) {
    return JSON.stringify(a) === JSON.stringify(b);
  }

  /** Take over a new state; only what has changed is done. */
  function update(app, state) {
    const before = app.state;
    const first = !app.tiles;
    app.state = state;
    if (first) place(app);
    if (first) addTiles(app);
    app.tiles.setRevision(state.tiles_rev);
    if (state.classes_url !== before.classes_url) loadClasses(app);
    else if (!same(state.legend, before.legend)) {
      app.tiles.setStyles(state.legend ? state.legend.rows : []);
      app.tiles.repaint();
    }
    if (state.fit && state.fit_seq !== (first ? app.config.fit_seq : before.fit_seq)) {
      app.fit(state.fit);
    }
    app.events.fire("state", { state, before });
    if (first || modeKey(state) !== modeKey(before)) app.setMode(state.mode, state.target);
    if (state.message && state.message !== before.message) app.say(state.message, {});
  }

  function modeKey(state) {
    const target = state.target && state.mode !== "select" ? state.target.uid : null;
    return JSON.stringify([state.mode, state.mode_seq, target]);
  }

  /** Where the map looks first: where the planner has left it, else the whole plan. */
  function place(app) {
    const view = app.config.view;
    if (view) app.map.setView([view[1], view[0]], view[2], { animate: false });
    else app.fit(app.state.extent);
  }

  function reportView(app) {
    let timer = null;
    app.map.on("moveend", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const middle = app.map.getCenter().wrap();
        const body = JSON.stringify({ lon: middle.lng, lat: middle.lat, zoom: app.map.getZoom() });
        const headers = { "Content-Type": "application/json" };
        app.fetch("view", { method: "POST", body, headers, keepalive: true }).catch(() => null);
      }, VIEW_DELAY_MS);
    });
  }

  // streamlit-folium does not wait for styles; before them the map has no size of its own.
  function whenStyled(map, act) {
    const styled = getComputedStyle(map.getContainer()).getPropertyValue("--ink");
    if (!styled) {
      setTimeout(() => whenStyled(map, act), STYLE_WAIT_MS);
      return;
    }
    map.invalidateSize({ pan: false });
    act();
  }

  function watchSize(map) {
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
  }

  function watchKeys(app) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") app.cancel();
      else if (event.key === "Enter" && app.tools[app.mode].finish) app.tools[app.mode].finish();
    });
  }

  // What arrived while the scripts were loading has been dropped; give it once more.
  function catchUp() {
    const last = P.lastRender;
    const shown = window.__GLOBAL_DATA__ && window.__GLOBAL_DATA__.last_feature_group;
    if (last && last.args.feature_group !== shown) {
      const again = new CustomEvent("streamlit:render", { detail: last });
      window.Streamlit.events.dispatchEvent(again);
    }
  }

  // For maps side by side (map_link.js).
  P.core = { makeApp, addPanes, addTiles, place, reportView, whenStyled, catchUp };

  window.pianquMount = function (map, config) {
    const app = makeApp(map, config);
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    addPanes(map);
    P.addPanels(app);
    P.addMarks(app);
    P.addSelecting(app);
    P.addMeasuring(app);
    P.addEditing(app);
    P.addOverlay(app);
    P.addStalls(app);
    watchKeys(app);
    let waiting = null;
    let ready = false;
    const told = (state) => {
      waiting = state;
      if (ready) update(app, state);
    };
    window.pianqu = { app, map, update: told };
    whenStyled(map, () => {
      ready = true;
      if (waiting) update(app, waiting);
      reportView(app);
      watchSize(map);
    });
    setTimeout(catchUp, 0);
  };
})();
