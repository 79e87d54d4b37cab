// Selecting: click, rectangle, polygon and lasso; and measuring, which is drawn in the same way.
(function () {
  "use strict";

  const P = window.Pianqu;
  const MARK = { color: "#d6006c", weight: 2, fillColor: "#d6006c", fillOpacity: 0.12, dashArray: "5 4" };
  const RULER = { color: "#0f5c7a", weight: 2.5, fillColor: "#0f5c7a", fillOpacity: 0.1 };
  const QUIET = { interactive: false, pmIgnore: true, snapIgnore: true };
  // A drag shorter than this is a slip of the hand.
  const LEAST_DRAG_PX = 4;
  const LASSO_STEP_PX = 4;
  const DOUBLE_CLICK_PX = 6;

  function preview(style) {
    return L.polygon([], Object.assign({}, QUIET, style));
  }

  function addClick(app) {
    app.tools.select = {};
    app.map.on("click", (event) => {
      if (app.mode !== "select" || !app.tiles) return;
      if (app.aggregated()) {
        const cell = app.cellAt(event.containerPoint);
        if (cell) app.map.setView([cell[1], cell[0]], app.map.getZoom() + 2);
        return;
      }
      const { lng, lat } = event.latlng.wrap();
      const hit = app.overlayAt ? app.overlayAt(event.latlng, (look) => look.clickable) : null;
      app.send({
        event: hit ? "overlay_click" : "click",
        ...(hit ? { uid: hit.uid, class: hit.class } : {}),
        lng: P.geo.round9(lng),
        lat: P.geo.round9(lat),
        zoom: app.map.getZoom(),
        add: event.originalEvent.shiftKey,
      });
    });
  }

  function sendArea(app, mode, points, add) {
    app.send({ event: "area", mode, geometry: P.geo.polygonOf(points), add });
  }

  /** A tool that follows the pressed pointer: `follow` gives the corners from the points passed. */
  function dragTool(app, mode, follow) {
    const map = app.map;
    const shape = preview(MARK);
    let passed = null;

    function begin(event) {
      if (event.originalEvent.button !== 0) return;
      passed = [event.containerPoint];
      shape.setLatLngs([]).addTo(map);
      document.addEventListener("mouseup", end, { once: true });
    }

    function move(event) {
      if (!passed) return;
      if (passed[passed.length - 1].distanceTo(event.containerPoint) < LASSO_STEP_PX) return;
      passed.push(event.containerPoint);
      shape.setLatLngs(corners());
    }

    function corners() {
      return follow(passed).map((point) => map.containerPointToLatLng(point).wrap());
    }

    function end(event) {
      const far = passed && passed.some((p) => p.distanceTo(passed[0]) >= LEAST_DRAG_PX);
      const drawn = far ? corners() : [];
      passed = null;
      shape.remove();
      if (drawn.length >= 3) sendArea(app, mode, drawn, event.shiftKey);
    }

    app.tools[mode] = {
      start() {
        map.dragging.disable();
        map.on("mousedown", begin).on("mousemove", move);
      },
      stop() {
        map.dragging.enable();
        map.off("mousedown", begin).off("mousemove", move);
        document.removeEventListener("mouseup", end);
        passed = null;
        shape.remove();
      },
    };
  }

  /** A tool that is clicked corner by corner; a double click, Enter or the first corner end it. */
  function clickTool(app, style, onChange, onFinish) {
    const map = app.map;
    const shape = L.polyline([], Object.assign({}, QUIET, style, { fill: style.fill !== false }));
    let corners = [];
    let add = false;

    function click(event) {
      const last = corners[corners.length - 1];
      if (last && near(last, event)) return;
      corners.push(event.latlng.wrap());
      add = event.originalEvent.shiftKey;
      show(null);
    }

    function near(corner, event) {
      return map.latLngToContainerPoint(corner).distanceTo(event.containerPoint) < DOUBLE_CLICK_PX;
    }

    function show(pointer) {
      const points = pointer ? corners.concat([pointer]) : corners;
      shape.setLatLngs(points);
      if (onChange) onChange(points);
    }

    function move(event) {
      if (corners.length) show(event.latlng.wrap());
    }

    function finish() {
      if (corners.length) show(null);
      const done = corners;
      corners = [];
      onFinish(done, add);
    }

    return {
      start() {
        corners = [];
        shape.setLatLngs([]).addTo(map);
        map.on("click", click).on("mousemove", move).on("dblclick", finish);
      },
      stop() {
        map.off("click", click).off("mousemove", move).off("dblclick", finish);
        corners = [];
        shape.setLatLngs([]).remove();
      },
      finish,
      shape,
    };
  }

  function addPolygon(app) {
    const tool = clickTool(app, MARK, null, (corners, add) => {
      tool.shape.setLatLngs([]);
      if (corners.length >= 3) sendArea(app, "polygon", corners, add);
      else app.say("至少要三个点才能围成范围。", {});
    });
    app.tools.polygon = tool;
  }

  P.addSelecting = function (app) {
    addClick(app);
    dragTool(app, "rectangle", (passed) => {
      const a = passed[0];
      const b = passed[passed.length - 1];
      return [a, L.point(b.x, a.y), b, L.point(a.x, b.y)];
    });
    addPolygon(app);
    dragTool(app, "lasso", (passed) => passed);
  };

  P.addMeasuring = function (app) {
    const readout = P.boxOn(app, "pq-readout");
    readout.hidden = true;
    const tool = clickTool(
      app,
      RULER,
      (points) => {
        const length = `长度 ${P.geo.lengthText(P.geo.lengthM(points))}`;
        const area = points.length > 2 ? `　面积 ${P.geo.areaText(P.geo.areaM2(points))}` : "";
        readout.textContent = length + area;
        readout.hidden = false;
      },
      () => {}, // the figures stay until the next click begins anew
    );
    app.tools.measure = {
      start() {
        tool.start();
        readout.textContent = "单击量距离，三个点以上同时量面积；双击结束，Esc 退出。";
        readout.hidden = false;
      },
      stop() {
        tool.stop();
        readout.hidden = true;
      },
      finish: tool.finish,
    };
  };
})();
