// Setting a stall and taking one away. A ghost of the stall's true size follows the pointer and joins the row
// of the stall beside it; whether it may stand there Python says, which knows the ground.
(function () {
  "use strict";

  const P = window.Pianqu;
  const A = 6378137;
  const E2 = (1 / 298.257222101) * (2 - 1 / 298.257222101);
  // How far a row is looked for, and from how far a place in it pulls the ghost.
  const SEEN_M = 14;
  const PULL_M = 1.6;
  const PULL_PX = 12;
  // Stalls of a row stand this far apart, so that rounding never makes them overlap.
  const GAP_M = 0.002;
  // Stalls that differ by no more are of one shape; that are turned by no more stand in one row.
  const LIKE_M = 0.35;
  const SAME_DEG = 2;
  const TURN_DEG = 15;
  const FINE_TURN_DEG = 5;
  const LEAST_WIDTH_PX = 4;
  const DECIMALS_M = 3;
  const GHOST = {
    color: "#0f5c7a", weight: 2, fillColor: "#0f5c7a", fillOpacity: 0.25, interactive: false, pmIgnore: true, snapIgnore: true,
  };
  const GOING = Object.assign({}, GHOST, { color: "#c0271b", fillColor: "#c0271b", fillOpacity: 0.35 });

  const ADD = "M6.5 2.5 H13.5 V10 M6.5 2.5 V17.5 H10.5 M13 15 H18 M15.5 12.5 V17.5";
  const TAKE = "M6.5 2.5 H13.5 V10 M6.5 2.5 V17.5 H10.5 M13 15 H18";

  const TEXT = {
    add: "加车位：单击放下，R 键旋转，按住 Shift 不吸附",
    addTool: "加车位：单击放下，R 键旋转",
    take: "删车位：单击要删的车位",
    takeTool: "删车位：单击要删的车位",
    turn: "转 15°",
    end: "结束",
    far: "请把地图放大到看得清车位，再放。",
    none: "这里没有可以删的车位。",
  };

  /** Metres east and north of a place, and back; exact to a millimetre over a hundred metres. */
  function planeAt(latlng) {
    const phi = (latlng.lat * Math.PI) / 180;
    const w = Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
    const perLat = ((A * (1 - E2)) / w ** 3) * (Math.PI / 180);
    const perLng = (A / w) * Math.cos(phi) * (Math.PI / 180);
    return {
      to: (p) => ({ x: (p.lng - latlng.lng) * perLng, y: (p.lat - latlng.lat) * perLat }),
      from: (p) => L.latLng(latlng.lat + p.y / perLat, latlng.lng + p.x / perLng),
    };
  }

  function vector(angleDeg) {
    const a = (angleDeg * Math.PI) / 180;
    return { x: Math.sin(a), y: Math.cos(a) }; // a bearing: from north, clockwise
  }

  function shifted(p, along, by) {
    return { x: p.x + along.x * by, y: p.y + along.y * by };
  }

  /** Middle, sides and bearing of the long axis of a stall that stands already; null if it is no rectangle. */
  function standing(ring, plane, uid) {
    if (ring.length !== 4) return null;
    const [a, b, c, d] = ring.map(plane.to);
    const first = { x: b.x - a.x, y: b.y - a.y };
    const second = { x: c.x - b.x, y: c.y - b.y };
    const [one, two] = [Math.hypot(first.x, first.y), Math.hypot(second.x, second.y)];
    const long = one > two ? first : second;
    return {
      uid,
      middle: { x: (a.x + b.x + c.x + d.x) / 4, y: (a.y + b.y + c.y + d.y) / 4 },
      width: Math.min(one, two),
      length: Math.max(one, two),
      angle: (((Math.atan2(long.x, long.y) * 180) / Math.PI) + 180) % 180,
    };
  }

  /** Size of the next one in a row: that of the stall beside it if it is of this shape, as rows back to back are less deep. */
  function sizeBeside(stall, shape) {
    const like = Math.abs(stall.width - shape.width_m) < LIKE_M && Math.abs(stall.length - shape.length_m) < LIKE_M;
    return like ? { width: stall.width, length: stall.length } : { width: shape.width_m, length: shape.length_m };
  }

  /** Step from a stall to the next of its row; rows aslant stand in steps. Null where a stall stands alone. */
  function stepOf(stall, stalls) {
    const along = vector(stall.angle);
    const across = vector(stall.angle + 90);
    const steps = stalls
      .filter((other) => {
        const turn = Math.abs(other.angle - stall.angle);
        return other !== stall && Math.min(turn, 180 - turn) < SAME_DEG;
      })
      .map((other) => ({ x: other.middle.x - stall.middle.x, y: other.middle.y - stall.middle.y }))
      .filter((d) => {
        const sideways = Math.abs(d.x * across.x + d.y * across.y);
        const ahead = Math.abs(d.x * along.x + d.y * along.y);
        return sideways > 0.9 * stall.width && sideways < 1.3 * stall.width && ahead < 0.9 * stall.length;
      });
    return steps.sort((p, q) => Math.hypot(p.x, p.y) - Math.hypot(q.x, q.y))[0] || null;
  }

  /** Places beside and behind a stall where one of `shape` would stand in its row. */
  function placesBeside(stall, shape, stalls) {
    const along = vector(stall.angle);
    const across = vector(stall.angle + 90);
    const size = sizeBeside(stall, shape);
    const step = stepOf(stall, stalls);
    const beside = (stall.width + size.width) / 2 + GAP_M;
    const behind = (stall.length + size.length) / 2 + GAP_M;
    const sides = step ? [[step, 1], [step, -1]] : [[across, beside], [across, -beside]];
    return [...sides, [along, behind], [along, -behind]].map(([way, by]) => ({
      middle: shifted(stall.middle, way, by),
      angle: stall.angle,
      beside: stall.uid,
      size,
    }));
  }

  /** The place in a row that the pointer is nearest to, if it is near and free. */
  function snapped(stalls, shape, pullM) {
    const far = (p, q) => Math.hypot(p.x - q.x, p.y - q.y);
    const here = { x: 0, y: 0 };
    return stalls
      .flatMap((stall) => placesBeside(stall, shape, stalls))
      .filter((place) => far(place.middle, here) <= pullM)
      .filter((place) => stalls.every((s) => far(s.middle, place.middle) > 0.6 * Math.min(s.width, shape.width_m)))
      .sort((p, q) => far(p.middle, here) - far(q.middle, here))[0];
  }

  function corners(place, plane) {
    const along = vector(place.angle);
    const across = vector(place.angle + 90);
    return [[1, 1], [1, -1], [-1, -1], [-1, 1]].map(([a, b]) => {
      const front = shifted(place.middle, along, (a * place.size.length) / 2);
      return plane.from(shifted(front, across, (b * place.size.width) / 2));
    });
  }

  function metresPerPixel(map, latlng) {
    const point = map.latLngToContainerPoint(latlng);
    return map.distance(latlng, map.containerPointToLatLng(point.add([1, 0])));
  }

  function addSetting(app) {
    const { bar, map, pending } = app;
    const ghost = L.polygon([], GHOST);
    let shape = null;
    let angle = 0;
    let pointer = null;
    let place = null;

    function show() {
      if (!pointer || !shape) return;
      const plane = planeAt(pointer);
      const perPixel = metresPerPixel(map, pointer);
      const found = app.overlayNear(pointer, app.state.stalls.classes, SEEN_M)
        .map(({ ring, uid }) => standing(ring, plane, uid))
        .filter(Boolean);
      const size = { width: shape.width_m, length: shape.length_m };
      const free = { middle: { x: 0, y: 0 }, angle, beside: null, size };
      place = (!pointer.free && snapped(found, shape, Math.max(PULL_M, PULL_PX * perPixel))) || free;
      ghost.setLatLngs(corners(place, plane));
      ghost.wide = shape.width_m / perPixel;
    }

    function move(event) {
      pointer = Object.assign(event.latlng.wrap(), { free: event.originalEvent.shiftKey });
      show();
    }

    function set(event) {
      move(event);
      if (ghost.wide < LEAST_WIDTH_PX) {
        app.say(TEXT.far, {});
        return;
      }
      const geometry = P.geo.polygonOf(ghost.getLatLngs()[0]);
      pending(geometry);
      app.send({
        event: "stall_add",
        shape: shape.id,
        geometry,
        angle_deg: Number((((place.angle % 180) + 180) % 180).toFixed(DECIMALS_M)),
        beside: place.beside,
      });
    }

    function turn(by) {
      angle = (((angle + by) % 180) + 180) % 180;
      show();
    }

    function key(event) {
      if (event.key === "r" || event.key === "R") turn(event.shiftKey ? -TURN_DEG : TURN_DEG);
    }

    // With Alt the wheel turns the stall, and the map stays as it is.
    function wheel(event) {
      if (!event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      turn(event.deltaY > 0 ? FINE_TURN_DEG : -FINE_TURN_DEG);
    }

    function choose(next) {
      shape = next;
      const choices = app.state.stalls.shapes.map((one) => [one.title, () => choose(one), one.id === shape.id]);
      bar.show(TEXT.add, [...choices, [TEXT.turn, () => turn(TURN_DEG)], [TEXT.end, () => app.cancel()]]);
      show();
    }

    app.tools.stall_add = {
      start() {
        if (!app.state.stalls) return false;
        const held = shape && app.state.stalls.shapes.find((one) => one.id === shape.id);
        ghost.setLatLngs([]).addTo(map);
        choose(held || app.state.stalls.shapes[0]);
        map.on("mousemove", move).on("click", set);
        document.addEventListener("keydown", key);
        map.getContainer().addEventListener("wheel", wheel, { capture: true, passive: false });
        map.getContainer().focus({ preventScroll: true });
        return true;
      },
      stop() {
        map.off("mousemove", move).off("click", set);
        document.removeEventListener("keydown", key);
        map.getContainer().removeEventListener("wheel", wheel, { capture: true });
        pointer = null;
        ghost.remove();
        bar.hide();
      },
    };
    app.events.on("overlay", show);
  }

  function addTaking(app) {
    const { bar, map } = app;
    const shown = L.polygon([], GOING);

    function under(latlng) {
      return app.overlayAt(latlng, (look) => app.state.stalls.classes.includes(look.name));
    }

    function move(event) {
      const hit = under(event.latlng);
      shown.setLatLngs(hit ? hit.ring() : []);
    }

    function take(event) {
      const hit = under(event.latlng);
      if (!hit) {
        app.say(TEXT.none, {});
        return;
      }
      app.send({ event: "stall_delete", uid: hit.uid, class: hit.class });
    }

    app.tools.stall_delete = {
      start() {
        if (!app.state.stalls) return false;
        shown.setLatLngs([]).addTo(map);
        bar.show(TEXT.take, [[TEXT.end, () => app.cancel()]]);
        map.on("mousemove", move).on("click", take);
        return true;
      },
      stop() {
        map.off("mousemove", move).off("click", take);
        shown.remove();
        bar.hide();
      },
    };
    // What was under the pointer may have gone with the last click.
    app.events.on("overlay", () => shown.setLatLngs([]));
  }

  P.addStalls = function (app) {
    const measure = app.map.getContainer().querySelector("[data-tool=measure]");
    const buttons = [
      app.addTool("stall_add", TEXT.addTool, ADD, measure),
      app.addTool("stall_delete", TEXT.takeTool, TAKE, measure),
    ];
    addSetting(app);
    addTaking(app);
    const offer = () => {
      buttons.forEach((one) => (one.hidden = !app.state.stalls));
      if (!app.state.stalls && app.mode && app.mode.startsWith("stall_")) app.setMode("select", null);
    };
    offer();
    app.events.on("state", offer);
  };
})();
