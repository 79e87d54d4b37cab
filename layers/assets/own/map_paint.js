// How a tile is painted: flat shapes, and one function for each kind of thing on the ground.
(function () {
  "use strict";

  const P = window.Pianqu;
  const TILE = 256;
  const POINT = 1;
  const LINE = 2;
  const POLYGON = 3;
  // A sign has room for its character from this zoom on; before that a facility is a dot.
  const SIGNS_FROM_ZOOM = 16;

  const COLORS = {
    green: "#d6e6c9",
    water: "#bdd8ea",
    waterEdge: "#9dc1d9",
    roadEdge: "#d3cec3",
    road: "#ffffff",
    parking: "#e3e4f0",
    parkingEdge: "#b3b5cf",
    building: "rgba(104, 110, 120, 0.42)",
    buildingEdge: "rgba(74, 80, 90, 0.55)",
    barrier: "#8f5a3c",
    aisle: "rgba(223, 228, 232, 0.9)",
    aisleEdge: "#93a0ac",
    // By use, as the number of a stall says: common, accessible, charging.
    stalls: [["#9ec5ec", "#1d4f85"], ["#f6c945", "#7a5a00"], ["#7ccf9b", "#0f6a3c"]],
    facility: "rgba(227, 161, 58, 0.28)",
    facilityEdge: "#a06a10",
    site: "rgba(176, 58, 160, 0.22)",
    siteEdge: "#8a1f7d",
    other: "#7d858d",
    compoundEdge: "rgba(52, 64, 78, 0.75)",
    schematic: "#34404e",
    gap: "rgba(255, 255, 255, 0.9)",
    selected: "#d6006c",
    plain: "#c9d7e3",
  };
  // An unknown width is taken for that of a road inside a compound.
  const DEFAULT_ROAD_M = 6;

  /** Shapes of one layer of a tile as flat arrays in pixels. */
  function flatten(layer) {
    const scale = TILE / layer.extent;
    const features = layer.features;
    let rings = 0;
    let points = 0;
    features.forEach((f) => {
      rings += f.geometry.length;
      f.geometry.forEach((ring) => (points += ring.length));
    });
    const flat = {
      count: features.length,
      ids: new Int32Array(features.length),
      kinds: new Int32Array(features.length),
      types: new Uint8Array(features.length),
      firstRing: new Int32Array(features.length + 1),
      firstPoint: new Int32Array(rings + 1),
      xy: new Float32Array(points * 2),
    };
    let ring = 0;
    let point = 0;
    features.forEach((f, n) => {
      flat.ids[n] = f.id;
      flat.kinds[n] = f.properties.k || 0;
      flat.types[n] = f.type;
      f.geometry.forEach((line) => {
        line.forEach((p) => {
          flat.xy[2 * point] = p.x * scale;
          flat.xy[2 * point + 1] = p.y * scale;
          point += 1;
        });
        ring += 1;
        flat.firstPoint[ring] = point;
      });
      flat.firstRing[n + 1] = ring;
    });
    return flat;
  }

  function trace(ctx, flat, n) {
    const closed = flat.types[n] !== LINE;
    for (let ring = flat.firstRing[n]; ring < flat.firstRing[n + 1]; ring += 1) {
      const end = flat.firstPoint[ring + 1];
      let at = flat.firstPoint[ring];
      ctx.moveTo(flat.xy[2 * at], flat.xy[2 * at + 1]);
      for (at += 1; at < end; at += 1) ctx.lineTo(flat.xy[2 * at], flat.xy[2 * at + 1]);
      if (closed) ctx.closePath();
    }
  }

  function path(ctx, flat, members) {
    ctx.beginPath();
    if (members) members.forEach((n) => trace(ctx, flat, n));
    else for (let n = 0; n < flat.count; n += 1) trace(ctx, flat, n);
  }

  function grouped(flat, keyOf) {
    const groups = new Map();
    for (let n = 0; n < flat.count; n += 1) {
      const key = keyOf(n);
      if (key === null) continue;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(n);
    }
    return groups;
  }

  // 8 divides 256: stripes run on from tile to tile.
  function hatch(color) {
    const cell = document.createElement("canvas");
    cell.width = cell.height = 8;
    const ctx = cell.getContext("2d");
    ctx.fillStyle = "#f4f4f4";
    ctx.fillRect(0, 0, 8, 8);
    ctx.strokeStyle = color === "#d9d9d9" ? "#a9adb2" : color;
    ctx.lineWidth = 1.6;
    ctx.beginPath();
    [-8, 0, 8].forEach((shift) => {
      ctx.moveTo(shift - 1, 9);
      ctx.lineTo(shift + 9, -1);
    });
    ctx.stroke();
    return ctx.createPattern(cell, "repeat");
  }

  // Sparse lines over what is locked: the colour underneath is still read. `back` leans the other way.
  function locked(color, back) {
    const cell = document.createElement("canvas");
    cell.width = cell.height = 16;
    const ctx = cell.getContext("2d");
    ctx.strokeStyle = color;
    ctx.lineWidth = 2;
    ctx.beginPath();
    [-16, 0, 16].forEach((shift) => {
      ctx.moveTo(shift - 1, back ? -1 : 17);
      ctx.lineTo(shift + 17, back ? 17 : -1);
    });
    ctx.stroke();
    return ctx.createPattern(cell, "repeat");
  }

  function darker(color) {
    const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    return `rgb(${parts.map((part) => Math.round(part * 0.55)).join(",")})`;
  }

  function fillArea(ctx, flat, fill, edge) {
    const polygons = grouped(flat, (n) => (flat.types[n] === POLYGON ? 0 : null)).get(0);
    if (!polygons) return;
    path(ctx, flat, polygons);
    ctx.fillStyle = fill;
    ctx.fill("nonzero");
    if (!edge) return;
    ctx.strokeStyle = edge;
    ctx.lineWidth = 0.7;
    ctx.stroke();
  }

  /** Widths of lines in pixels, in groups of the same width. */
  function linesByWidth(flat, perMetre, leastPx, leastM) {
    return grouped(flat, (n) => {
      if (flat.types[n] !== LINE) return null;
      const metres = flat.kinds[n] || DEFAULT_ROAD_M;
      if (metres < leastM) return null;
      return Math.round(Math.max(metres * perMetre, leastPx) * 2) / 2;
    });
  }

  function strokeLines(ctx, flat, groups, color, extra) {
    ctx.strokeStyle = color;
    ctx.lineCap = "round";
    ctx.lineJoin = "round";
    groups.forEach((members, width) => {
      ctx.lineWidth = width + extra;
      path(ctx, flat, members);
      ctx.stroke();
    });
  }

  function paintRoads(ctx, flat, z, perMetre) {
    // Far out only what carries through traffic; lanes inside compounds come with the buildings.
    const leastM = z < 13 ? 20 : z < 15 ? 9 : 0;
    const lines = linesByWidth(flat, perMetre, z < 14 ? 1.2 : 1.6, leastM);
    const casing = z < 13 ? 1 : 1.6;
    strokeLines(ctx, flat, lines, COLORS.roadEdge, casing);
    fillArea(ctx, flat, COLORS.road, COLORS.roadEdge);
    strokeLines(ctx, flat, lines, COLORS.road, 0);
  }

  function paintWater(ctx, flat, z, perMetre) {
    fillArea(ctx, flat, COLORS.water, COLORS.waterEdge);
    strokeLines(ctx, flat, linesByWidth(flat, perMetre, 1.2, 0), COLORS.water, 0);
  }

  function paintBarriers(ctx, flat) {
    path(ctx, flat);
    ctx.strokeStyle = COLORS.barrier;
    ctx.lineWidth = 1.6;
    ctx.setLineDash([7, 3, 2, 3]);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  function paintStalls(ctx, flat, z) {
    grouped(flat, (n) => flat.kinds[n]).forEach((members, use) => {
      const [fill, edge] = COLORS.stalls[use] || COLORS.stalls[0];
      path(ctx, flat, members);
      ctx.fillStyle = fill;
      ctx.fill("nonzero");
      if (z < 18) return;
      ctx.strokeStyle = edge;
      ctx.lineWidth = 0.8;
      ctx.stroke();
    });
  }

  /** A sign for each facility: a disc with its character; of a chosen site a square. */
  function paintSigns(ctx, flat, z, table, options) {
    fillArea(ctx, flat, options.fill, options.edge);
    const full = z >= SIGNS_FROM_ZOOM;
    for (let n = 0; n < flat.count; n += 1) {
      const [sign, color] = table[flat.kinds[n] - 1] || ["", COLORS.other];
      const radius = !sign ? (full ? 3 : 1.6) : full ? 8 : z >= 15 ? 4.5 : 3;
      const [x, y] = middle(flat, n);
      ctx.beginPath();
      if (options.square) ctx.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      else ctx.arc(x, y, radius, 0, 2 * Math.PI);
      ctx.fillStyle = options.square ? COLORS.siteEdge : color;
      ctx.fill();
      ctx.strokeStyle = "#ffffff";
      ctx.lineWidth = full ? 1.4 : 1;
      ctx.stroke();
      if (!full || !sign) continue;
      ctx.font = options.font;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillStyle = "#ffffff";
      ctx.fillText(sign, x, y + 0.5);
    }
  }

  function middle(flat, n) {
    if (flat.types[n] === POINT) {
      const at = 2 * flat.firstPoint[flat.firstRing[n]];
      return [flat.xy[at], flat.xy[at + 1]];
    }
    const [west, north, east, south] = extent(flat, n);
    return [(west + east) / 2, (north + south) / 2];
  }

  function measured(flat, n) {
    const [west, north, east, south] = extent(flat, n);
    return [east - west, south - north];
  }

  function extent(flat, n) {
    let west = Infinity;
    let east = -Infinity;
    let north = Infinity;
    let south = -Infinity;
    const end = flat.firstPoint[flat.firstRing[n + 1]];
    for (let at = flat.firstPoint[flat.firstRing[n]]; at < end; at += 1) {
      west = Math.min(west, flat.xy[2 * at]);
      east = Math.max(east, flat.xy[2 * at]);
      north = Math.min(north, flat.xy[2 * at + 1]);
      south = Math.max(south, flat.xy[2 * at + 1]);
    }
    return [west, north, east, south];
  }

  P.paint = {
    COLORS,
    areas: fillArea,
    barriers: paintBarriers,
    darker,
    flatten,
    grouped,
    hatch,
    locked,
    measured,
    path,
    roads: paintRoads,
    signs: paintSigns,
    stalls: paintStalls,
    water: paintWater,
  };
})();
