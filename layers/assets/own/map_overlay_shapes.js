// Shapes of an overlay as numbers: taken from the wire, brought to the screen, hit by the pointer.
(function () {
  "use strict";

  const P = window.Pianqu;
  const POINT = 1;
  const LINE = 2;
  const POLYGON = 3;
  const TILE = 256;
  const REACH_PX = 5;

  const worldX = (lon) => lon / 360 + 0.5;
  const worldY = (lat) => 0.5 - Math.atanh(Math.sin((lat * Math.PI) / 180)) / (2 * Math.PI);

  /** Flat shapes in the square of Web Mercator (0 to 1) from what the route has given. */
  function decode(wire) {
    const count = wire.types.length;
    const points = wire.steps.length / 2;
    const shapes = {
      count,
      types: Uint8Array.from(wire.types),
      of: Int32Array.from(wire.of),
      firstRing: new Int32Array(count + 1),
      firstPoint: new Int32Array(wire.points.length + 1),
      xy: new Float64Array(points * 2),
      box: new Float64Array(count * 4),
      kinds: wire.kinds,
      labels: wire.labels,
      uids: wire.uids,
      texts: wire.texts,
      classes: wire.classes,
      byClass: wire.classes.map(() => []),
    };
    let [x, y] = [0, 0];
    for (let n = 0; n < points; n += 1) {
      x += wire.steps[2 * n];
      y += wire.steps[2 * n + 1];
      shapes.xy[2 * n] = worldX(wire.origin[0] + x * wire.step);
      shapes.xy[2 * n + 1] = worldY(wire.origin[1] + y * wire.step);
    }
    wire.points.forEach((more, n) => (shapes.firstPoint[n + 1] = shapes.firstPoint[n] + more));
    wire.rings.forEach((more, n) => {
      shapes.firstRing[n + 1] = shapes.firstRing[n] + more;
      bound(shapes, n);
      shapes.byClass[wire.kinds[wire.of[n]]].push(n);
    });
    return shapes;
  }

  function bound(shapes, n) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const end = shapes.firstPoint[shapes.firstRing[n + 1]];
    for (let at = shapes.firstPoint[shapes.firstRing[n]]; at < end; at += 1) {
      const [x, y] = [shapes.xy[2 * at], shapes.xy[2 * at + 1]];
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
    shapes.box.set(box, 4 * n);
  }

  /** How world coordinates come to the canvas. */
  function viewOf(map, corner, size) {
    const scale = TILE * 2 ** map.getZoom();
    const world = map.project(map.containerPointToLatLng(corner));
    return {
      scale,
      left: world.x,
      top: world.y,
      west: world.x / scale,
      north: world.y / scale,
      east: (world.x + size.x) / scale,
      south: (world.y + size.y) / scale,
    };
  }

  function inSight(shapes, n, view, margin) {
    const at = 4 * n;
    return (
      shapes.box[at] < view.east + margin &&
      shapes.box[at + 2] > view.west - margin &&
      shapes.box[at + 1] < view.south + margin &&
      shapes.box[at + 3] > view.north - margin
    );
  }

  function trace(ctx, shapes, n, view) {
    for (let ring = shapes.firstRing[n]; ring < shapes.firstRing[n + 1]; ring += 1) {
      const end = shapes.firstPoint[ring + 1];
      for (let at = shapes.firstPoint[ring]; at < end; at += 1) {
        const x = shapes.xy[2 * at] * view.scale - view.left;
        const y = shapes.xy[2 * at + 1] * view.scale - view.top;
        if (at === shapes.firstPoint[ring]) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
      }
      if (shapes.types[n] === POLYGON) ctx.closePath();
    }
  }

  function centreOf(shapes, n, view) {
    const box = shapes.box.subarray(4 * n, 4 * n + 4);
    return [
      ((box[0] + box[2]) / 2) * view.scale - view.left,
      ((box[1] + box[3]) / 2) * view.scale - view.top,
    ];
  }

  function within(shapes, n, x, y) {
    let inside = false;
    for (let ring = shapes.firstRing[n]; ring < shapes.firstRing[n + 1]; ring += 1) {
      const [first, end] = [shapes.firstPoint[ring], shapes.firstPoint[ring + 1]];
      for (let at = first, last = end - 1; at < end; last = at, at += 1) {
        const [ax, ay] = [shapes.xy[2 * at], shapes.xy[2 * at + 1]];
        const [bx, by] = [shapes.xy[2 * last], shapes.xy[2 * last + 1]];
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      }
    }
    return inside;
  }

  function nearLine(shapes, n, x, y, reach) {
    for (let at = shapes.firstPoint[shapes.firstRing[n]]; at < shapes.firstPoint[shapes.firstRing[n + 1]] - 1; at += 1) {
      const [ax, ay] = [shapes.xy[2 * at], shapes.xy[2 * at + 1]];
      const [dx, dy] = [shapes.xy[2 * at + 2] - ax, shapes.xy[2 * at + 3] - ay];
      const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
      const t = Math.max(0, Math.min(1, along));
      if (Math.hypot(x - ax - t * dx, y - ay - t * dy) <= reach) return true;
    }
    return false;
  }

  function hits(shapes, n, x, y, scale, look) {
    const at = 4 * n;
    const reach = (shapes.types[n] === POINT ? look.radius_px + 2 : shapes.types[n] === LINE ? REACH_PX : 0) / scale;
    const [west, north, east, south] = shapes.box.subarray(at, at + 4);
    if (x < west - reach || x > east + reach || y < north - reach || y > south + reach) return false;
    if (shapes.types[n] === POINT) return Math.hypot(x - west, y - north) <= reach;
    return shapes.types[n] === LINE ? nearLine(shapes, n, x, y, reach) : within(shapes, n, x, y);
  }

  /** Corners of the outer ring. */
  function ringOf(shapes, n) {
    const [from, to] = [shapes.firstRing[n], shapes.firstRing[n] + 1].map((r) => shapes.firstPoint[r]);
    const ring = [];
    for (let at = from; at < to; at += 1) {
      const [x, y] = [shapes.xy[2 * at], shapes.xy[2 * at + 1]];
      const lat = (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
      ring.push({ lng: (x - 0.5) * 360, lat });
    }
    return ring;
  }

  P.shapes = {
    POINT, LINE, POLYGON, TILE,
    centreOf, decode, hits, inSight, ringOf, trace, viewOf, worldX, worldY,
  };
})();
