// Drawing a boundary, changing one, splitting one: Geoman with snapping to the neighbours.
// Nothing is saved here; the finished geometry goes to Python, which answers with a new state.
(function () {
  "use strict";

  const P = window.Pianqu;
  const SNAP_PX = 12;
  const DECIMALS = 9;
  const PEN = { color: "#0f5c7a", weight: 2.5, fillColor: "#0f5c7a", fillOpacity: 0.12 };
  const OUTLINE = { color: "#0f5c7a", weight: 3, fill: false, interactive: false };
  const UNSEEN = { opacity: 0, fillOpacity: 0 };

  const TEXT = {
    crossing: "边界不能自相交，请换一个位置。",
    first: "请先在图上单击选中一个小区，再用这个工具。",
    none: "这个小区还没有边界，请用“画边界”。",
    same: "边界没有变化。",
    few: "至少要三个点才能围成边界。",
    line: "分割线至少要两个点，并且要穿过小区。",
  };

  function snapping() {
    return { snappable: true, snapDistance: SNAP_PX, snapMiddle: false, snapSegment: true };
  }

  /** Bar at the top of the map: what is being done, and how to end it. */
  function addBar(app) {
    const bar = P.boxOn(app, "pq-bar");
    bar.hidden = true;
    return {
      show(text, actions) {
        bar.textContent = "";
        bar.appendChild(P.element("span", null, text));
        actions.forEach(([title, act, main]) => {
          const press = P.element("button", main ? "pq-main" : "", title);
          press.type = "button";
          press.addEventListener("click", act);
          bar.appendChild(press);
        });
        bar.hidden = false;
      },
      hide() {
        bar.hidden = true;
      },
    };
  }

  /** Boundaries round about, unseen, to which corners snap. */
  function neighbours(app) {
    let layer = null;
    let except = "";
    let wanted = 0;

    function load() {
      const number = (wanted += 1);
      app.json(`near?bbox=${app.bbox(0.1)}&except=${encodeURIComponent(except)}`)
        .then((found) => {
          if (number !== wanted) return;
          if (layer) layer.remove();
          layer = L.geoJSON(found, {
            style: () => UNSEEN,
            onEachFeature: (_, part) => {
              part.options.interactive = false;
              part.options.pmIgnore = true;
              part.options.snapIgnore = false;
            },
          }).addTo(app.map);
        })
        .catch(() => null);
    }

    return {
      start(uid) {
        except = uid || "";
        load();
        app.map.on("moveend", load);
      },
      stop() {
        wanted += 1;
        app.map.off("moveend", load);
        if (layer) layer.remove();
        layer = null;
      },
    };
  }

  /** What has been sent stays in sight until Python has answered. */
  function addPending(app) {
    let shown = null;
    const clear = () => {
      if (shown) shown.remove();
      shown = null;
    };
    app.events.on("state", clear);
    return function (geometry) {
      clear();
      const style = Object.assign({}, PEN, { interactive: false, dashArray: "4 4" });
      shown = L.geoJSON(geometry, { style: () => style }).addTo(app.map);
      shown.eachLayer((part) => (part.options.pmIgnore = true));
    };
  }

  function withoutRepeats(ring) {
    return ring.filter((p, n) => n === 0 || p[0] !== ring[n - 1][0] || p[1] !== ring[n - 1][1]);
  }

  function finishDrawing(app, shape) {
    const drawing = app.map.pm.Draw[shape];
    if (drawing && drawing.enabled()) drawing._finishShape();
  }

  function drawing(app, shape, parts) {
    const { bar, near, onDone } = parts;
    const map = app.map;

    function created(event) {
      const geometry = event.layer.toGeoJSON(DECIMALS).geometry;
      event.layer.remove();
      onDone(geometry);
    }

    function warn() {
      if (map.pm.Draw[shape]._doesSelfIntersect) app.say(TEXT.crossing, {});
    }

    return {
      begin(text, except) {
        near.start(except);
        map.pm.enableDraw(shape, Object.assign(snapping(), {
          allowSelfIntersection: shape !== "Polygon",
          finishOn: "dblclick",
          cursorMarker: true,
          continueDrawing: false,
          templineStyle: PEN,
          hintlineStyle: Object.assign({ dashArray: "5 5" }, PEN),
          pathOptions: PEN,
        }));
        map.on("pm:create", created).on("click", warn);
        bar.show(text, [
          ["完成", () => finishDrawing(app, shape), true],
          ["退一点", () => map.pm.Draw[shape]._removeLastVertex()],
          ["取消", () => app.cancel()],
        ]);
      },
      stop() {
        map.off("pm:create", created).off("click", warn);
        map.pm.disableDraw();
        near.stop();
        bar.hide();
      },
      finish: () => finishDrawing(app, shape),
    };
  }

  function addDraw(app, parts) {
    let target = null;
    const tool = drawing(app, "Polygon", Object.assign({}, parts, {
      onDone(geometry) {
        geometry.coordinates[0] = withoutRepeats(geometry.coordinates[0]);
        const uid = target ? target.uid : null;
        app.setMode("select", null);
        if (geometry.coordinates[0].length < 4) {
          app.say(TEXT.few, {});
          app.send({ event: "cancel" });
          return;
        }
        parts.pending(geometry);
        app.send({ event: "drawn", geometry, target: uid });
      },
    }));
    app.tools.draw = {
      start(given) {
        target = given && !given.has_boundary ? given : null;
        const what = target ? `为“${target.name}”画边界` : "画一个新小区的边界";
        tool.begin(`${what}：逐点单击，双击结束`, null);
      },
      stop: tool.stop,
      finish: tool.finish,
    };
  }

  /** Geometry of the target as it is stored; ends the tool if there is none. */
  function loadTarget(app, target, use) {
    app.json(`geometry/${encodeURIComponent(target.uid)}`)
      .then((feature) => {
        if (feature.geometry) {
          use(feature);
          return;
        }
        app.say(TEXT.none, {});
        app.cancel();
      })
      .catch(() => app.cancel());
  }

  function addEdit(app, parts) {
    const { bar, near, pending } = parts;
    let layer = null;
    let original = null;
    let untouched = null;
    let run = 0;

    function partsOf() {
      return layer ? layer.getLayers() : [];
    }

    function open(feature) {
      original = feature;
      layer = L.geoJSON(feature, { style: () => PEN }).addTo(app.map);
      untouched = JSON.stringify(geometryOf());
      partsOf().forEach((part) => {
        part.pm.enable(Object.assign(snapping(), {
          allowSelfIntersection: false,
          allowSelfIntersectionEdit: false,
          draggable: false,
        }));
        part.on("pm:intersect", () => app.say(TEXT.crossing, {}));
      });
      if (!app.map.getBounds().intersects(layer.getBounds())) app.map.fitBounds(layer.getBounds());
    }

    function geometryOf() {
      return partsOf()[0].toGeoJSON(DECIMALS).geometry;
    }

    function close() {
      partsOf().forEach((part) => part.pm.disable());
      if (layer) layer.remove();
      layer = null;
    }

    function finish() {
      if (!layer) return;
      const geometry = geometryOf();
      const { uid, version } = original.properties;
      if (JSON.stringify(geometry) === untouched) {
        app.say(TEXT.same, {});
        app.cancel();
        return;
      }
      app.setMode("select", null);
      pending(geometry);
      app.send({ event: "edited", uid, version, geometry });
    }

    function restore() {
      close();
      open(original);
    }

    app.tools.edit = {
      start(target) {
        if (!target) {
          app.say(TEXT.first, {});
          return false;
        }
        const number = (run += 1);
        near.start(target.uid);
        bar.show(`改“${target.name}”的边界：拖动角点，右键删角点`, [
          ["完成", finish, true],
          ["还原", restore],
          ["取消", () => app.cancel()],
        ]);
        loadTarget(app, target, (feature) => number === run && open(feature));
        return true;
      },
      stop() {
        run += 1;
        near.stop();
        bar.hide();
        close();
      },
      finish,
    };
  }

  function addSplit(app, parts) {
    let feature = null;
    let outline = null;
    let run = 0;
    const tool = drawing(app, "Line", Object.assign({}, parts, {
      onDone(line) {
        const { uid, version } = feature.properties;
        app.setMode("select", null);
        line.coordinates = withoutRepeats(line.coordinates);
        if (line.coordinates.length < 2) {
          app.say(TEXT.line, {});
          app.send({ event: "cancel" });
          return;
        }
        parts.pending(line);
        app.send({ event: "split", uid, version, line });
      },
    }));

    function open(target, found) {
      feature = found;
      outline = L.geoJSON(found, { style: () => OUTLINE }).addTo(app.map);
      outline.eachLayer((part) => {
        part.options.pmIgnore = true;
        part.options.snapIgnore = false;
      });
      tool.begin(`分割“${target.name}”：画一条穿过它的线，双击结束`, target.uid);
    }

    app.tools.split = {
      start(target) {
        if (!target) {
          app.say(TEXT.first, {});
          return false;
        }
        const number = (run += 1);
        loadTarget(app, target, (found) => number === run && open(target, found));
        return true;
      },
      stop() {
        run += 1;
        tool.stop();
        if (outline) outline.remove();
        outline = null;
      },
      finish: tool.finish,
    };
  }

  P.addEditing = function (app) {
    app.map.pm.setLang("zh");
    app.bar = addBar(app);
    app.pending = addPending(app);
    const parts = { bar: app.bar, near: neighbours(app), pending: app.pending };
    addDraw(app, parts);
    addEdit(app, parts);
    addSplit(app, parts);
  };
})();
