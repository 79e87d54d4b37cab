// How the classes of an overlay look, on the map and in the legend: fills, stripes, outlines, signs.
(function () {
  "use strict";

  const P = window.Pianqu;
  const CELL = 8;
  const DASH = [6, 4];
  const SELECTED = "#d6006c";
  const HOVERED = "#1c2b39";
  const SIGN_SHARE = 1.25;

  const STRIPES = {
    // Lines of one cell, from and to in cells of it; drawn over the neighbours so that corners are full.
    hatch: [[0, 1, 1, 0]],
    back: [[0, 0, 1, 1]],
    cross: [[0, 1, 1, 0], [0, 0, 1, 1]],
  };

  function cellOf(look) {
    const cell = document.createElement("canvas");
    cell.width = cell.height = CELL;
    const ctx = cell.getContext("2d");
    ctx.strokeStyle = ctx.fillStyle = look.color;
    ctx.lineWidth = 1.4;
    ctx.lineCap = "square";
    if (look.pattern === "dots") {
      [[2, 2], [6, 6]].forEach(([x, y]) => {
        ctx.beginPath();
        ctx.arc(x, y, 1.15, 0, 2 * Math.PI);
        ctx.fill();
      });
      return cell;
    }
    ctx.beginPath();
    STRIPES[look.pattern].forEach(([x0, y0, x1, y1]) => {
      [-1, 0, 1].forEach((shift) => {
        ctx.moveTo((x0 + shift) * CELL, y0 * CELL);
        ctx.lineTo((x1 + shift) * CELL, y1 * CELL);
      });
    });
    ctx.stroke();
    return cell;
  }

  /** Fill of a class; stripes stand still on the ground while the map is moved. */
  function fillOf(ctx, look, corner) {
    if (look.pattern === "none") return null;
    if (look.pattern === "solid") return look.color;
    if (!look.cell) look.cell = cellOf(look);
    const fill = ctx.createPattern(look.cell, "repeat");
    const shift = [corner.x, corner.y].map((v) => -(((v % CELL) + CELL) % CELL));
    fill.setTransform(new DOMMatrix([1, 0, 0, 1, shift[0], shift[1]]));
    return fill;
  }

  function pen(ctx, look) {
    ctx.strokeStyle = look.edge;
    ctx.lineWidth = look.edge_px;
    ctx.lineJoin = "round";
    ctx.setLineDash(look.dashed ? DASH : []);
  }

  /** A disc with a white rim, and a character in it. */
  function sign(ctx, look, x, y, text, font) {
    const radius = look.radius_px;
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    if (look.pattern === "none") {
      ctx.fillStyle = "#ffffff";
      ctx.fill();
      ctx.strokeStyle = look.edge || look.color;
      ctx.lineWidth = 1.8;
    } else {
      ctx.fillStyle = look.color;
      ctx.fill();
      ctx.strokeStyle = "#ffffff";
      ctx.lineWidth = 1.6;
    }
    ctx.stroke();
    if (!text || radius < 5) return;
    ctx.font = `700 ${Math.round(radius * SIGN_SHARE)}px ${font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = look.pattern === "none" ? look.color : "#ffffff";
    ctx.fillText(text, x, y + 0.5);
  }

  /** Small picture of a class for the legend: drawn as the map draws it. */
  function swatch(look, font) {
    const made = P.element("canvas", "pq-swatch-drawn");
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    made.width = 24 * ratio;
    made.height = 16 * ratio;
    const ctx = made.getContext("2d");
    ctx.scale(ratio, ratio);
    if (look.shape === "point") {
      sign(ctx, Object.assign({}, look, { radius_px: 7 }), 12, 8, look.sign, font);
      return made;
    }
    if (look.shape === "line") {
      pen(ctx, look);
      ctx.strokeStyle = look.edge || look.color;
      ctx.lineWidth = Math.max(look.edge_px, 1.6);
      ctx.beginPath();
      ctx.moveTo(1, 8);
      ctx.lineTo(23, 8);
      ctx.stroke();
      return made;
    }
    ctx.beginPath();
    ctx.rect(1.5, 1.5, 21, 13);
    const fill = fillOf(ctx, look, { x: 0, y: 0 });
    if (fill) {
      ctx.globalAlpha = look.opacity;
      ctx.fillStyle = fill;
      ctx.fill();
      ctx.globalAlpha = 1;
    }
    pen(ctx, look.edge ? look : Object.assign({}, look, { edge: "rgb(52 64 78 / 45%)", edge_px: 1 }));
    ctx.stroke();
    return made;
  }

  P.overlayLook = { fillOf, pen, sign, swatch, SELECTED, HOVERED };
})();
