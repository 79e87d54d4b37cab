// What stands around the map: tools, zoom, search, layers, legend, scale, coordinates, messages.
(function () {
  "use strict";

  const P = window.Pianqu;
  const SEARCH_DELAY_MS = 200;
  const STORE = "pianqu.hidden-layers";
  const HATCH = "hatch";

  // Drawn for this tool on a grid of 20; stroked, not filled, unless the path says otherwise.
  const TOOLS = [
    ["select", "选择（按住 Shift 加选）", "M5 3 L5 16 L8.6 12.6 L11 17.4 L13.2 16.3 L10.9 11.7 L15.6 11.4 Z"],
    ["rectangle", "框选：按住左键拖出矩形", "M3.5 5 H16.5 V15 H3.5 Z"],
    ["polygon", "多边形选：逐点单击，双击结束", "M4 7 L11 3.5 L16.5 9 L13 16 L5 14.5 Z"],
    ["lasso", "套索选：按住左键圈画", "M10 4 C15 4 17 6.5 17 8.8 C17 11.5 13.5 13 10 13 C6 13 3 11.3 3 8.6 C3 6 6 4 10 4 M6.6 12.4 C5 13.6 6.4 15 7.6 14.4 C8.8 13.8 7.9 12.2 6.9 13 C5.8 14 6.4 16 5.4 17"],
    ["draw", "画边界：逐点单击，双击结束", "M4 16 L4.8 12.6 L13.4 4 L16 6.6 L7.4 15.2 Z M11.6 5.8 L14.2 8.4"],
    ["edit", "改边界：先选一个小区", "M4.5 5.5 L15.5 5.5 L13 15 L6 15 Z M3 4 h3 v3 h-3 Z M14 4 h3 v3 h-3 Z M11.5 13.5 h3 v3 h-3 Z M4.5 13.5 h3 v3 h-3 Z"],
    ["split", "分割：先选一个小区，再画分割线", "M3.5 4 H16.5 V16 H3.5 Z M12.5 2 L7.5 18"],
    ["measure", "量距离和面积", "M3 13.5 L13.5 3 L17 6.5 L6.5 17 Z M6 10.5 L8 12.5 M8.5 8 L10 9.5 M11 5.5 L13 7.5"],
  ];
  const BREAKS_AFTER = ["lasso", "split"];

  const LEAST = { plus: "M10 4 V16 M4 10 H16", minus: "M4 10 H16" };
  const WHOLE = "M3 7.5 V3 H7.5 M12.5 3 H17 V7.5 M17 12.5 V17 H12.5 M7.5 17 H3 V12.5 M7 8 H13 V12.5 H7 Z";

  function icon(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("d", path);
    svg.appendChild(shape);
    return svg;
  }

  function button(className, title, path, onClick) {
    const made = P.element("button", className, null, path ? [icon(path)] : []);
    made.type = "button";
    made.title = title;
    made.setAttribute("aria-label", title);
    made.addEventListener("click", onClick);
    return made;
  }

  /** Box over the map; the map does not see what happens in it. */
  function boxOn(app, className) {
    const box = P.element("div", className);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    ["mousemove", "dblclick"].forEach((type) => L.DomEvent.on(box, type, L.DomEvent.stopPropagation));
    app.map.getContainer().appendChild(box);
    return box;
  }

  function addTools(app) {
    const bar = boxOn(app, "pq-tools");
    const buttons = {};

    /** One more tool, before what stands there already. */
    app.addTool = function (mode, title, path, before) {
      buttons[mode] = button("pq-tool", title, path, () => {
        if (mode === app.mode && mode !== "select") app.cancel();
        else app.setMode(mode, app.state.target || null);
      });
      buttons[mode].dataset.tool = mode;
      bar.insertBefore(buttons[mode], before || null);
      return buttons[mode];
    };

    TOOLS.forEach(([mode, title, path]) => {
      app.addTool(mode, title, path);
      if (BREAKS_AFTER.includes(mode)) bar.appendChild(P.element("i", "pq-gap"));
    });
    bar.appendChild(P.element("i", "pq-gap"));
    bar.appendChild(button("pq-tool", "放大", LEAST.plus, () => app.map.zoomIn()));
    bar.appendChild(button("pq-tool", "缩小", LEAST.minus, () => app.map.zoomOut()));
    bar.appendChild(button("pq-tool", "适应全图", WHOLE, () => app.fit(app.state.extent)));
    app.events.on("mode", ({ mode }) => {
      Object.keys(buttons).forEach((name) => {
        buttons[name].classList.toggle("pq-active", name === mode);
        buttons[name].setAttribute("aria-pressed", String(name === mode));
      });
    });
  }

  function addSearch(app) {
    const box = boxOn(app, "pq-search");
    const input = P.element("input");
    input.type = "search";
    input.placeholder = "搜索小区名称";
    input.setAttribute("aria-label", "搜索小区名称");
    const list = P.element("ul");
    list.hidden = true;
    box.appendChild(input);
    box.appendChild(list);
    let timer = null;
    let first = null;

    function choose(hit) {
      list.hidden = true;
      input.value = hit.name;
      if (hit.bounds) app.fit(hit.bounds);
      else app.say(`“${hit.name}”还没有边界，可导入文件，或用左侧“画边界”画出。`, {});
      app.send({ event: "found", uid: hit.uid });
    }

    function show(found) {
      list.textContent = "";
      first = found[0] || null;
      found.forEach((hit) => {
        const line = P.element("button", "pq-hit", null, [
          P.element("span", null, hit.name || "未命名"),
          P.element("small", null, hit.bounds ? hit.where : `${hit.where} 未落图`),
        ]);
        line.type = "button";
        line.addEventListener("click", () => choose(hit));
        list.appendChild(P.element("li", null, null, [line]));
      });
      if (!found.length) list.appendChild(P.element("li", "pq-none", "没有这个名称的小区"));
      list.hidden = false;
    }

    function ask() {
      const words = input.value.trim();
      if (!words) {
        list.hidden = true;
        return;
      }
      app.json(`search?q=${encodeURIComponent(words)}`)
        .then((found) => input.value.trim() === words && show(found))
        .catch(() => null);
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, SEARCH_DELAY_MS);
    });
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && first && !list.hidden) choose(first);
      if (event.key === "Escape") list.hidden = true;
    });
    app.map.on("mousedown", () => (list.hidden = true));
  }

  function storedHidden(config) {
    try {
      const stored = JSON.parse(window.localStorage.getItem(STORE));
      if (Array.isArray(stored)) return stored;
    } catch (error) {
      // Private windows have no store; the map then begins with the layers as configured.
    }
    return config.hidden;
  }

  function addLayers(app) {
    const hidden = new Set(storedHidden(app.config));
    app.isHidden = (name) => hidden.has(name);
    // What the page lays over the map stands for some of the layers.
    app.hiddenLayers = () => Array.from(hidden).concat(app.state.overlay ? app.state.overlay.covers : []);
    const box = boxOn(app, "pq-layers");
    const list = P.element("div", "pq-list");
    list.hidden = true;
    const head = button("pq-layers-head", "显示哪些图层", null, () => {
      list.hidden = !list.hidden;
    });
    head.textContent = "图层";
    box.appendChild(head);
    box.appendChild(list);

    function toggle(name, on) {
      if (on) hidden.delete(name);
      else hidden.add(name);
      try {
        window.localStorage.setItem(STORE, JSON.stringify(Array.from(hidden)));
      } catch (error) {
        // See above: the choice then lasts as long as the page.
      }
      if (app.tiles) app.tiles.setHidden(app.hiddenLayers());
      app.events.fire("layers");
    }

    list.appendChild(P.element("b", null, "图层"));
    app.config.layers.concat([["names", "小区名称"]]).forEach(([name, title]) => {
      const tick = P.element("input");
      tick.type = "checkbox";
      tick.checked = !hidden.has(name);
      tick.dataset.layer = name;
      tick.addEventListener("change", () => toggle(name, tick.checked));
      list.appendChild(P.element("label", null, null, [tick, P.element("span", null, title)]));
    });
    addGrounds(app, list);
    app.map.on("mousedown", () => (list.hidden = true));
  }

  /** Base maps: none, or what the plan has been given. */
  function addGrounds(app, list) {
    if (!app.config.grounds.length) return;
    list.appendChild(P.element("b", null, "底图"));
    let shown = null;
    const choices = [{ title: "空白", layers: [] }].concat(app.config.grounds);
    choices.forEach((ground, n) => {
      const tick = P.element("input");
      tick.type = "radio";
      tick.name = "pq-ground";
      const show = () => {
        if (shown) shown.remove();
        // Attributions are plain words of the configuration; Leaflet would take them for HTML.
        shown = L.layerGroup(
          ground.layers.map((layer) =>
            L.tileLayer(layer.url.startsWith("http") ? layer.url : app.config.base + layer.url, {
              maxZoom: 22,
              maxNativeZoom: layer.max_zoom,
              attribution: P.element("span", null, layer.attribution).innerHTML,
            }),
          ),
        ).addTo(app.map);
      };
      tick.addEventListener("change", show);
      if (n === app.config.ground) {
        tick.checked = true;
        show();
      }
      list.appendChild(P.element("label", null, null, [tick, P.element("span", null, ground.title)]));
    });
  }

  function swatch(row) {
    const mark = P.element("i", "pq-swatch");
    if (row.pattern === HATCH) mark.classList.add("pq-hatch");
    else if (row.pattern === "none") mark.classList.add("pq-outline");
    else mark.style.backgroundColor = row.color;
    return mark;
  }

  function addLegend(app) {
    const box = boxOn(app, "pq-legend");
    box.hidden = true;
    app.legendParts = []; // what others have to say in it: functions that give an element or nothing
    let folded = false;

    function line(row) {
      const made = P.element("button", "pq-row", null, [
        swatch(row),
        P.element("span", null, row.label),
        P.element("em", null, row.count === null ? "" : P.geo.grouped(row.count, 0)),
      ]);
      made.type = "button";
      made.title = "单击选中这一类（按住 Shift 加选）";
      made.addEventListener("click", (event) => {
        app.send({ event: "legend", class_index: row.class_index, add: event.shiftKey });
      });
      return made;
    }

    function draw(legend, notes) {
      box.textContent = "";
      const parts = app.legendParts.map((part) => part()).filter(Boolean);
      box.hidden = !legend && !notes.length && !parts.length;
      if (legend) {
        const title = legend.unit ? `${legend.title}（${legend.unit}）` : legend.title;
        const head = button("pq-legend-head", folded ? "展开图例" : "收起图例", null, () => {
          folded = !folded;
          draw(legend, notes);
        });
        head.textContent = title;
        head.classList.toggle("pq-folded", folded);
        box.appendChild(head);
        if (folded) return;
        legend.rows.forEach((row) => box.appendChild(line(row)));
      }
      parts.forEach((part) => box.appendChild(part));
      notes.forEach((note) => {
        const mark = P.element("i", note.includes("示意") ? "pq-swatch pq-dashed" : "");
        box.appendChild(P.element("p", null, null, [mark, P.element("span", null, note)]));
      });
    }

    app.events.on("state", ({ state, before }) => {
      const seen = JSON.stringify([before.legend, before.notes]);
      if (JSON.stringify([state.legend, state.notes]) !== seen) draw(state.legend, state.notes || []);
    });
    app.events.on("legend", () => draw(app.state.legend, app.state.notes || []));
  }

  const ChineseScale = L.Control.Scale.extend({
    _updateMetric: function (maxMeters) {
      const metres = this._getRoundNum(maxMeters);
      const text = metres < 1000 ? `${metres} 米` : `${metres / 1000} 公里`;
      this._updateScale(this._mScale, text, metres / maxMeters);
    },
  });

  function addScaleAndPlace(app) {
    new ChineseScale({ position: "bottomleft", imperial: false, maxWidth: 110 }).addTo(app.map);
    const box = boxOn(app, "pq-place");
    const { central_meridian: meridian, zone } = app.config;
    let waiting = false;
    app.map.on("mousemove", (event) => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        const { lng, lat } = event.latlng.wrap();
        let text = `经度 ${lng.toFixed(6)}°  纬度 ${lat.toFixed(6)}°`;
        if (meridian !== null) {
          const plane = P.geo.gaussKruger(lng, lat, meridian);
          text += `  ｜  X ${plane.x.toFixed(2)}  Y ${plane.y.toFixed(2)} 米（第 ${zone} 带，中央经线 ${meridian}°）`;
        }
        box.textContent = text;
      });
    });
    app.map.on("mouseout", () => (box.textContent = ""));
    if (app.config.attribution && app.map.attributionControl) {
      const words = P.element("span", null, app.config.attribution).innerHTML;
      app.map.attributionControl.addAttribution(words);
    }
  }

  function addMessages(app) {
    const box = boxOn(app, "pq-message");
    box.hidden = true;
    box.setAttribute("role", "status");
    let timer = null;

    function hide() {
      box.hidden = true;
      box.textContent = "";
    }

    /** One line at the top of the map; notes go by themselves, errors and work stay. */
    app.say = function (text, options) {
      clearTimeout(timer);
      if (!text) {
        hide();
        return;
      }
      const { kind, action, onAction } = options || {};
      box.textContent = "";
      box.className = `pq-message ${kind ? `pq-${kind}` : ""}`;
      box.appendChild(P.element("span", null, text));
      if (action) {
        const press = P.element("button", null, action);
        press.type = "button";
        press.addEventListener("click", onAction);
        box.appendChild(press);
      }
      box.hidden = false;
      if (!kind) timer = setTimeout(hide, 7000);
    };

    app.events.on("state", ({ state, before }) => {
      if (state.busy) app.say(state.busy, { kind: "busy" });
      else if (before.busy) hide();
    });
  }

  P.addPanels = function (app) {
    addMessages(app);
    addTools(app);
    addSearch(app);
    addLayers(app);
    addLegend(app);
    addScaleAndPlace(app);
  };
  P.boxOn = boxOn;
  P.addMessages = addMessages;
  P.storedHidden = storedHidden;
  P.ChineseScale = ChineseScale;
})();
