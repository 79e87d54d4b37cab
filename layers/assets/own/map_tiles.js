// The tiles: fetched and decoded by Leaflet.VectorGrid, painted on one canvas a tile (map_paint.js).
// A tile keeps its decoded shapes, so that a new colour, filter or selection is a repaint and no request.
(function () {
  "use strict";

  const P = window.Pianqu;
  const { COLORS, darker, flatten, grouped, hatch, measured, path } = P.paint;
  const TILE = 256;
  const CLASS_MASK = 127;
  const HIDDEN = 127;
  const SELECTED = 128;
  // Bits of the kind of a compound, and of a 片区 beside its colour.
  const SCHEMATIC = 1;
  const LOCKED = 2;
  const COLOR_BITS = 63;
  const PIANQU_LOCKED = 64;
  const LOCK_INK = "rgba(28, 43, 57, 0.5)";
  const OUTLINE = "#0b3a4c";
  const COMPOUND_ALPHA = 0.8;
  const EQUATOR_M = 40075016.7;

  /** Places of the compounds that are shown, by class, with those selected and those schematic. */
  function sortCompounds(flat, classes) {
    const groups = new Map();
    const selected = [];
    const edges = [[], []];
    const locked = [];
    for (let n = 0; n < flat.count; n += 1) {
      const byte = flat.ids[n] < classes.length ? classes[flat.ids[n]] : HIDDEN;
      const group = byte & CLASS_MASK;
      if (group === HIDDEN) continue;
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(n);
      edges[flat.kinds[n] & SCHEMATIC ? 1 : 0].push(n);
      if (flat.kinds[n] & LOCKED) locked.push(n);
      if (byte & SELECTED) selected.push(n);
    }
    return { groups, selected, edges, locked };
  }

  const PlanTiles = L.VectorGrid.Protobuf.extend({
    options: {
      rev: 0,
      minZoom: 0,
      maxZoom: 22,
      keepBuffer: 1,
      updateWhenZooming: false,
      noWrap: true,
      pane: "plan",
      pianquColors: [],
      signs: [],
    },

    initialize: function (url, options) {
      L.VectorGrid.Protobuf.prototype.initialize.call(this, url, options);
      this._drawn = {};
      this._classes = null;
      this._styles = new Map();
      this._hiddenLayers = new Set();
      this.on("tileunload", (event) => delete this._drawn[this._tileCoordsToKey(event.coords)]);
    },

    createTile: function (coords, done) {
      const canvas = L.DomUtil.create("canvas", "leaflet-tile");
      const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 2);
      canvas.width = canvas.height = TILE * ratio;
      canvas.style.width = canvas.style.height = `${TILE}px`;
      const tile = { coords, canvas, ratio, layers: null };
      this._drawn[this._tileCoordsToKey(coords)] = tile;
      this._load(tile).then(() => done(null, canvas));
      return canvas;
    },

    _load: function (tile) {
      const rev = this.options.rev;
      return this._getVectorTilePromise(tile.coords).then(
        (decoded) => {
          if (rev !== this.options.rev) return; // a newer one is on its way
          if (Array.isArray(decoded.layers)) this._failed(tile);
          else this._show(tile, decoded);
        },
        () => this._failed(tile),
      );
    },

    _show: function (tile, decoded) {
      tile.layers = {};
      tile.failed = false;
      Object.keys(decoded.layers).forEach((name) => {
        tile.layers[name] = flatten(decoded.layers[name]);
      });
      this._paint(tile);
      this.fire("painted");
    },

    _failed: function (tile) {
      tile.failed = true;
      this.fire("failed", { coords: tile.coords });
    },

    /** Fetch what has failed once more. */
    retry: function () {
      this._each((tile) => tile.failed && this._load(tile));
    },

    /** Geometry has changed: fetch every tile anew, and keep the old picture until it is there. */
    setRevision: function (rev) {
      if (rev === this.options.rev) return;
      this.options.rev = rev;
      this._each((tile) => this._load(tile));
    },

    /** One byte per compound; nothing is requested, every tile is painted anew. */
    setClasses: function (classes) {
      this._classes = classes;
      this.repaint();
    },

    /** Class of a compound by its row, whether or not it is selected. */
    classOf: function (row) {
      return this._classes && row < this._classes.length ? this._classes[row] & 0x7f : HIDDEN;
    },

    /** Rows of the legend: how each class is painted. */
    setStyles: function (rows) {
      this._styles = new Map(
        rows.map((row) => [
          row.class_index,
          row.pattern === "none" ? null : row.pattern === "hatch" ? hatch(row.color) : row.color,
        ]),
      );
    },

    setHidden: function (names) {
      this._hiddenLayers = new Set(names);
      this.repaint();
    },

    /** Whether selected compounds are outlined only: what a page lays over the map keeps its own colours. */
    setOutlined: function (outlined) {
      if (this._outlined === outlined) return;
      this._outlined = outlined;
      this.repaint();
    },

    repaint: function () {
      this._each((tile) => tile.layers && this._paint(tile));
      this.fire("painted");
    },

    _each: function (act) {
      Object.keys(this._drawn).forEach((key) => act(this._drawn[key]));
    },

    /** Width and height in pixels of the compounds on the map at this zoom, by row. */
    sizes: function (zoom) {
      const sizes = new Map();
      this._each((tile) => {
        const flat = tile.layers && tile.layers.compounds;
        if (!flat || tile.coords.z !== zoom) return;
        for (let n = 0; n < flat.count; n += 1) sizes.set(flat.ids[n], measured(flat, n));
      });
      return sizes;
    },

    _paint: function (tile) {
      const ctx = tile.canvas.getContext("2d");
      const z = tile.coords.z;
      const middle = this._map.unproject([128 + TILE * tile.coords.x, 128 + TILE * tile.coords.y], z);
      const perMetre = (TILE * 2 ** z) / (EQUATOR_M * Math.cos((middle.lat * Math.PI) / 180));
      ctx.setTransform(tile.ratio, 0, 0, tile.ratio, 0, 0);
      ctx.clearRect(0, 0, TILE, TILE);
      const shown = (name, act) => {
        const flat = tile.layers[name];
        if (flat && !this._hiddenLayers.has(name)) act(flat);
      };
      shown("green", (flat) => P.paint.areas(ctx, flat, COLORS.green));
      shown("water", (flat) => P.paint.water(ctx, flat, z, perMetre));
      const compounds = tile.layers.compounds;
      const ready = compounds && this._classes && !this._hiddenLayers.has("compounds");
      const sorted = ready ? sortCompounds(compounds, this._classes) : null;
      if (sorted) this._fillCompounds(ctx, compounds, sorted);
      shown("roads", (flat) => P.paint.roads(ctx, flat, z, perMetre));
      shown("parking", (flat) => P.paint.areas(ctx, flat, COLORS.parking, COLORS.parkingEdge));
      shown("aisles", (flat) => P.paint.areas(ctx, flat, COLORS.aisle, COLORS.aisleEdge));
      shown("stalls", (flat) => P.paint.stalls(ctx, flat, z));
      shown("buildings", (flat) =>
        P.paint.areas(ctx, flat, COLORS.building, z >= 16 ? COLORS.buildingEdge : null),
      );
      shown("barriers", (flat) => P.paint.barriers(ctx, flat));
      if (sorted) this._strokeCompounds(ctx, compounds, sorted.edges[0], z);
      shown("pianqu", (flat) => this._paintPianqu(ctx, flat, z));
      if (sorted) {
        this._hatchLocked(ctx, compounds, sorted.locked, LOCK_INK, true);
        this._strokeSchematic(ctx, compounds, sorted.edges[1], z);
        this._strokeSelected(ctx, compounds, sorted.selected, z);
      }
      this._paintSigns(ctx, shown, z);
    },

    /** Facilities and chosen sites: over everything, so that each is seen. */
    _paintSigns: function (ctx, shown, z) {
      const { signs } = this.options;
      const font = `700 10px ${getComputedStyle(this._map.getContainer()).fontFamily}`;
      const { facility, facilityEdge, site, siteEdge } = COLORS;
      shown("facilities", (flat) => {
        P.paint.signs(ctx, flat, z, signs, { fill: facility, edge: facilityEdge, font });
      });
      shown("sites", (flat) => {
        P.paint.signs(ctx, flat, z, signs, { fill: site, edge: siteEdge, font, square: true });
      });
    },

    _fillCompounds: function (ctx, flat, sorted) {
      ctx.globalAlpha = COMPOUND_ALPHA;
      sorted.groups.forEach((members, group) => {
        const fill = this._styles.has(group) ? this._styles.get(group) : COLORS.plain;
        if (fill === null) return;
        path(ctx, flat, members);
        ctx.fillStyle = fill;
        ctx.fill("nonzero");
      });
      ctx.globalAlpha = 1;
    },

    _strokeCompounds: function (ctx, flat, members, z) {
      if (z < 12) return;
      ctx.lineJoin = "round";
      ctx.lineWidth = z < 14 ? 0.6 : 1.1;
      ctx.strokeStyle = COLORS.compoundEdge;
      path(ctx, flat, members);
      ctx.stroke();
    },

    // A boundary that nobody has surveyed is dashed wherever it is shown, also as part of a 片区.
    _strokeSchematic: function (ctx, flat, members, z) {
      if (z < 12) return;
      ctx.lineJoin = "round";
      path(ctx, flat, members);
      ctx.lineWidth = z < 14 ? 1.2 : 2;
      ctx.strokeStyle = COLORS.gap;
      ctx.stroke();
      ctx.lineWidth = z < 14 ? 1 : 1.6;
      ctx.strokeStyle = COLORS.schematic;
      ctx.setLineDash([6, 4]);
      ctx.stroke();
      ctx.setLineDash([]);
    },

    _paintPianqu: function (ctx, flat, z) {
      const colors = this.options.pianquColors;
      const width = strokeWidth(z, 2.6);
      ctx.lineJoin = "round";
      grouped(flat, (n) => flat.kinds[n]).forEach((members, kind) => {
        const color = colors.length ? colors[(kind & COLOR_BITS) % colors.length] : COLORS.plain;
        path(ctx, flat, members);
        ctx.globalAlpha = 0.18;
        ctx.fillStyle = color;
        ctx.fill("nonzero");
        ctx.globalAlpha = 1;
        ctx.strokeStyle = "rgba(255,255,255,0.85)";
        ctx.lineWidth = width * 1.9;
        ctx.stroke();
        ctx.strokeStyle = darker(color);
        ctx.lineWidth = width;
        ctx.stroke();
        if (kind & PIANQU_LOCKED) this._hatchLocked(ctx, flat, members, darker(color), false);
      });
    },

    _hatchLocked: function (ctx, flat, members, color, back) {
      if (!members.length) return;
      path(ctx, flat, members);
      ctx.fillStyle = P.paint.locked(color, back);
      ctx.globalAlpha = 0.7;
      ctx.fill("nonzero");
      ctx.globalAlpha = 1;
    },

    /** Draw the outlines of some rows of the 片区 on a canvas over the map. */
    outlinePianqu: function (ctx, rows) {
      const zoom = Math.round(this._map.getZoom());
      const width = strokeWidth(zoom, 3.4);
      this._each((tile) => {
        const flat = tile.layers && tile.layers.pianqu;
        if (!flat || tile.coords.z !== zoom) return;
        const members = [];
        for (let n = 0; n < flat.count; n += 1) if (rows.has(flat.ids[n])) members.push(n);
        if (!members.length) return;
        const corner = [tile.coords.x * TILE, tile.coords.y * TILE];
        const at = this._map.latLngToContainerPoint(this._map.unproject(corner, zoom));
        ctx.save();
        ctx.beginPath();
        ctx.rect(at.x, at.y, TILE, TILE);
        ctx.clip();
        ctx.translate(at.x, at.y);
        ctx.lineJoin = "round";
        path(ctx, flat, members);
        ctx.strokeStyle = "rgba(255, 255, 255, 0.9)";
        ctx.lineWidth = width * 2.4;
        ctx.stroke();
        ctx.strokeStyle = OUTLINE;
        ctx.lineWidth = width;
        ctx.stroke();
        ctx.restore();
      });
    },

    _strokeSelected: function (ctx, flat, members, z) {
      const width = strokeWidth(z, 3);
      ctx.lineJoin = "round";
      const schematic = (n) => (flat.kinds[n] & SCHEMATIC ? 1 : 0);
      [0, 1].forEach((dashed) => {
        const part = members.filter((n) => schematic(n) === dashed);
        if (!part.length) return;
        path(ctx, flat, part);
        if (!this._outlined) {
          ctx.globalAlpha = 0.14;
          ctx.fillStyle = COLORS.selected;
          ctx.fill("nonzero");
          ctx.globalAlpha = 1;
        }
        ctx.strokeStyle = "#ffffff";
        ctx.lineWidth = width * 2;
        ctx.stroke();
        ctx.strokeStyle = COLORS.selected;
        ctx.lineWidth = width;
        if (dashed) ctx.setLineDash([width * 3, width * 1.6]);
        ctx.stroke();
        ctx.setLineDash([]);
      });
    },
  });

  /** Strokes that are `full` pixels where compounds are large, and finer further out. */
  function strokeWidth(z, full) {
    return full * (z < 12 ? 0.4 : z < 14 ? 0.55 : z < 15 ? 0.75 : 1);
  }

  P.PlanTiles = PlanTiles;
})();
