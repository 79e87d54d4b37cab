// Coordinates, lengths and areas on the ellipsoid of CGCS2000, and how they are written.
// Loaded first: it also remembers what the page has sent while the other scripts were still on their way.
(function () {
  "use strict";

  const P = (window.Pianqu = window.Pianqu || {});

  const A = 6378137;
  const F = 1 / 298.257222101;
  const N = F / (2 - F);
  const FALSE_EASTING = 500000;
  // Krüger's series to the fourth order in n: below a millimetre within a 3° zone.
  const RECTIFYING = (A / (1 + N)) * (1 + (N * N) / 4 + Math.pow(N, 4) / 64);
  const ALPHA = [
    N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
    (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
    (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
    (49561 / 161280) * N ** 4,
  ];
  const E = Math.sqrt(F * (2 - F));

  /** Gauss–Krüger: degrees to metres, x to the north and y to the east with 500 km added. */
  function gaussKruger(lon, lat, centralMeridian) {
    const phi = (lat * Math.PI) / 180;
    const lambda = ((lon - centralMeridian) * Math.PI) / 180;
    const sin = Math.sin(phi);
    const conformal = Math.sinh(Math.atanh(sin) - E * Math.atanh(E * sin));
    const xi = Math.atan2(conformal, Math.cos(lambda));
    const eta = Math.asinh(Math.sin(lambda) / Math.hypot(conformal, Math.cos(lambda)));
    let north = xi;
    let east = eta;
    ALPHA.forEach((alpha, step) => {
      const order = 2 * (step + 1);
      north += alpha * Math.sin(order * xi) * Math.cosh(order * eta);
      east += alpha * Math.cos(order * xi) * Math.sinh(order * eta);
    });
    return { x: RECTIFYING * north, y: RECTIFYING * east + FALSE_EASTING };
  }

  // A plane of its own through the middle of what is measured: for extents of up to 50 km the scale
  // differs from one by less than 1e-5, so lengths and areas are those on the ellipsoid.
  function onPlane(points) {
    const middle = points.reduce((sum, p) => sum + p.lng, 0) / points.length;
    return points.map((p) => gaussKruger(p.lng, p.lat, middle));
  }

  /** Length of a line in metres; points are {lng, lat}. */
  function lengthM(points) {
    let total = 0;
    for (let n = 1; n < points.length; n += 1) {
      const [a, b] = onPlane([points[n - 1], points[n]]);
      total += Math.hypot(b.x - a.x, b.y - a.y);
    }
    return total;
  }

  /** Area of a ring in square metres; points are {lng, lat}, not closed. */
  function areaM2(points) {
    if (points.length < 3) return 0;
    const plane = onPlane(points);
    let twice = 0;
    plane.forEach((a, n) => {
      const b = plane[(n + 1) % plane.length];
      twice += (a.x - plane[0].x) * (b.y - plane[0].y) - (b.x - plane[0].x) * (a.y - plane[0].y);
    });
    return Math.abs(twice) / 2;
  }

  function grouped(number, decimals) {
    return number.toLocaleString("zh-CN", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }

  function lengthText(metres) {
    return metres < 1000 ? `${grouped(metres, 1)} 米` : `${grouped(metres / 1000, 3)} 公里`;
  }

  function areaText(squareMetres) {
    const hectares = squareMetres / 10000;
    const exact = `${grouped(squareMetres, 0)} ㎡`;
    return hectares < 1 ? exact : `${exact}（${grouped(hectares, 2)} 公顷）`;
  }

  /** Rounded to 9 decimals (0.1 mm), so that shared corners stay shared on their way. */
  function round9(number) {
    return Math.round(number * 1e9) / 1e9;
  }

  function polygonOf(points) {
    const ring = points.map((p) => [round9(p.lng), round9(p.lat)]);
    ring.push(ring[0]);
    return { type: "Polygon", coordinates: [ring] };
  }

  P.geo = { gaussKruger, lengthM, areaM2, lengthText, areaText, grouped, polygonOf, round9 };

  // streamlit-folium drops what arrives while scripts are loading; the last of it is kept here and
  // given again once the map stands (map_core.js).
  P.lastRender = null;
  if (window.Streamlit && window.Streamlit.events) {
    window.Streamlit.events.addEventListener("streamlit:render", (event) => {
      P.lastRender = event.detail;
    });
  }

  /** Element with a class, text and children; text is never taken for HTML. */
  P.element = function (tag, className, text, children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    (children || []).forEach((child) => made.appendChild(child));
    return made;
  };
})();
