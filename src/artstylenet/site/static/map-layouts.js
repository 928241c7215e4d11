"use strict";
// Where paintings stand. A layout takes the paintings shown and gives places in map units, the
// side of a picture (0: as there is room), the extent, and labels.

(() => {
  const site = window.ArtStyleNet;
  const { x, y, year, facets } = site.map;
  const UNIT = 10000;
  const facet = (key) => facets.find((one) => one.key === key);

  function places(n) {
    return { px: new Float32Array(n), py: new Float32Array(n), side: 0, labels: [] };
  }

  function byMap() {
    const layout = places(x.length);
    for (let i = 0; i < x.length; i++) {
      layout.px[i] = x[i];
      layout.py[i] = UNIT - y[i];
    }
    return layout;
  }

  // Fills a block of the given shape row by row.
  function fill(layout, rows, left, top, columns, side) {
    rows.forEach((i, place) => {
      layout.px[i] = left + ((place % columns) + 0.5) * side;
      layout.py[i] = top + (Math.floor(place / columns) + 0.5) * side;
    });
  }

  function byGrid(shown, order, shape) {
    const layout = places(x.length);
    const rows = [...shown].sort((a, b) => order[a] - order[b] || a - b);
    const columns = Math.max(1, Math.ceil(Math.sqrt(rows.length * shape)));
    layout.side = UNIT / columns;
    fill(layout, rows, 0, 0, columns, layout.side);
    return layout;
  }

  function byTime(shown, order, shape) {
    const layout = places(x.length);
    const dated = shown.filter((i) => year[i] !== null);
    const first = dated.reduce((least, i) => Math.min(least, year[i]), Infinity);
    const last = dated.reduce((most, i) => Math.max(most, year[i]), -Infinity);
    const span = Math.max(1, last - first + 1);
    // The time line is cut into steps such that the fullest is about as high as the frame.
    const steps = Math.max(1, Math.min(span, Math.ceil(Math.sqrt(6 * dated.length * shape))));
    const stacks = Array.from({ length: steps }, () => []);
    for (const i of dated) {
      stacks[Math.min(steps - 1, Math.floor(((year[i] - first) / span) * steps))].push(i);
    }
    layout.side = UNIT / steps;
    stacks.forEach((rows, step) => {
      rows.sort((a, b) => order[a] - order[b] || a - b);
      rows.forEach((i, place) => {
        layout.px[i] = (step + 0.5) * layout.side;
        layout.py[i] = -(place + 0.5) * layout.side;
      });
    });
    for (const i of shown) if (year[i] === null) layout.px[i] = NaN;
    const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((years) => span / years <= 12) ?? 1000;
    for (let at = Math.ceil(first / every) * every; at <= last; at += every) {
      layout.labels.push({ text: String(at), x: ((at - first) / span) * UNIT, y: 0, side: "below" });
    }
    return layout;
  }

  function byTable(shown, _, shape) {
    const layout = places(x.length);
    const painters = facet("painter");
    const styles = facet("style");
    const cells = new Map();
    for (const i of shown) {
      if (painters.of[i] < 0) layout.px[i] = NaN;
      else {
        const key = painters.of[i] * styles.labels.length + styles.of[i];
        if (!cells.has(key)) cells.set(key, []);
        cells.get(key).push(i);
      }
    }
    const present = [...new Set(shown.map((i) => painters.of[i]))].filter((p) => p >= 0);
    present.sort((a, b) => a - b);
    const wide = UNIT / styles.labels.length;
    // As high as the frame is, but no row higher than its cells are wide.
    const high = Math.min(wide, (0.8 * UNIT) / shape / Math.max(1, present.length));
    // One size for all pictures: that at which the fullest cell still holds its own.
    const most = Math.max(1, ...[...cells.values()].map((rows) => rows.length));
    let columns = 1;
    while (columns * Math.max(1, Math.floor((columns * high) / wide)) < most) columns++;
    layout.side = (0.94 * wide) / columns;
    const place = new Map(present.map((painter, row) => [painter, row]));
    for (const [key, rows] of cells) {
      const row = place.get(Math.floor(key / styles.labels.length));
      const style = key % styles.labels.length;
      fill(layout, rows, style * wide, row * high, columns, layout.side);
    }
    styles.labels.forEach((_, style) =>
      layout.labels.push({ text: String(style), x: (style + 0.4) * wide, y: 0, side: "above" }),
    );
    for (const [painter, row] of place) {
      const text = painters.labels[painter];
      layout.labels.push({ text, x: 0, y: (row + 0.3) * high, side: "left" });
    }
    return layout;
  }

  site.layouts = { map: byMap, grid: byGrid, time: byTime, table: byTable };
})();
