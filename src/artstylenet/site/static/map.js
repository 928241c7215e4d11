"use strict";
// The map: what is shown of which paintings, and how one moves about. The whole state of the view
// stands in the address after the #, so that it can be sent, and the back button works.

(() => {
  const site = window.ArtStyleNet;
  const { search, layouts, packedColour, element } = site;
  const { facets, palette, sheets } = site.map;
  const frame = document.getElementById("map");
  const tools = document.getElementById("map-tools");
  const canvas = frame.querySelector("canvas");
  const said = document.getElementById("map-said");
  const legend = document.getElementById("map-legend");
  const section = document.getElementById("map-selection");
  const lassoButton = frame.querySelector("[data-do=lasso]");
  const n = search.names.length;
  const hasPictures = search.thumbs.some(Boolean);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const REST = "#888888"; // groups beyond the palette, and paintings of no group
  const UNIT = 10000;
  const MARGIN = { map: [40, 40], grid: [12, 12], time: [30, 30], table: [150, 40] };
  const MEANING = {
    map: "Near means alike to the network. The directions have no meaning.",
    grid: "All paintings, group by group, in the order of the legend.",
    time: "From left to right as the years go by; undated paintings are left out.",
    table: "A row for each painter, a column for each style: every painting under its largest.",
  };

  let rows = [];
  let layout = null;
  let side = 10;
  let view = { scale: 1, left: 0, top: 0 };
  let chosen = -1;
  let lasso = []; // corners in map units
  let picks = new Set(); // chosen one by one
  let selected = [];
  let isLassoing = false;
  let waiting = false;
  let moving = 0;
  const hexes = new Array(n).fill(REST);
  const packed = new Uint32Array(n);
  const art = site.drawing(canvas, draw);

  const facet = (key) => facets.find((one) => one.key === key);
  const state = () => Object.fromEntries(new FormData(tools));

  // --- what is shown -------------------------------------------------------------------------

  function filter() {
    const filters = [...tools.querySelectorAll("select[data-filter]")]
      .filter((select) => select.value !== "")
      .map((select) => [facet(select.name).of, Number(select.value)]);
    const wanted = site.words(tools.q.value);
    rows = [];
    for (let i = 0; i < n; i++) {
      if (filters.every(([of, label]) => of[i] === label) && site.matches(i, wanted)) rows.push(i);
    }
  }

  function colour() {
    const { of, labels } = facet(tools.colour.value);
    const counts = new Array(labels.length).fill(0);
    for (const label of of) if (label >= 0) counts[label]++;
    const ranked = labels.map((_, label) => label);
    // Styles keep their own colours; of other groups the largest get one.
    if (tools.colour.value !== "style") ranked.sort((a, b) => counts[b] - counts[a]);
    const hexOf = new Array(labels.length).fill(REST);
    ranked.forEach((label, place) => {
      if (place < palette.length || tools.colour.value === "style") {
        hexOf[label] = palette[place % palette.length];
      }
    });
    for (let i = 0; i < n; i++) {
      hexes[i] = of[i] < 0 ? REST : hexOf[of[i]];
      packed[i] = packedColour(hexes[i]);
    }
    showLegend(tools.colour.value, labels, hexOf, ranked, counts);
  }

  function showLegend(key, labels, hexOf, ranked, counts) {
    const filterBy = tools.elements[key];
    const items = ranked.slice(0, palette.length).map((label) => {
      const item = element("li");
      const button = element("button", "key");
      const dot = element("span", "dot");
      dot.style.background = hexOf[label]; // through the object model: allowed by the policy
      button.type = "button";
      button.setAttribute("aria-pressed", String(filterBy.value === String(label)));
      button.append(dot, `${labels[label]} `, element("span", "number", String(counts[label])));
      button.addEventListener("click", () => {
        filterBy.value = filterBy.value === String(label) ? "" : String(label);
        change();
      });
      item.append(button);
      return item;
    });
    if (labels.length > palette.length) {
      items.push(element("li", "quiet", `${labels.length - palette.length} more in grey`));
    }
    legend.replaceChildren(...items);
  }

  function arrange() {
    const shape = canvas.clientWidth / Math.max(1, canvas.clientHeight);
    layout = layouts[tools.layout.value](rows, facet(tools.colour.value).of, shape);
    if (layout.px.some(Number.isNaN)) rows = rows.filter((i) => !Number.isNaN(layout.px[i]));
    document.getElementById("map-meaning").textContent = MEANING[tools.layout.value];
  }

  function extent() {
    let [west, east, north, south] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const i of rows) {
      west = Math.min(west, layout.px[i]);
      east = Math.max(east, layout.px[i]);
      north = Math.min(north, layout.py[i]);
      south = Math.max(south, layout.py[i]);
    }
    const room = layout.side / 2;
    return rows.length
      ? [west - room, east + room, north - room, south + room]
      : [0, UNIT, 0, UNIT];
  }

  function showAll() {
    const [west, east, north, south] = extent();
    const [aside, above] = MARGIN[tools.layout.value].map((m) => Math.min(m, canvas.clientWidth / 5));
    const both = tools.layout.value === "table" ? aside + 20 : 2 * aside;
    view.scale = Math.min(
      (canvas.clientWidth - both) / Math.max(east - west, 1),
      (canvas.clientHeight - 2 * above) / Math.max(south - north, 1),
    );
    const free = canvas.clientWidth - both - (east - west) * view.scale;
    view.left = aside + free / 2 - west * view.scale;
    view.top = canvas.clientHeight / 2 - ((north + south) / 2) * view.scale;
  }

  function size() {
    if (layout.side) return layout.side * view.scale;
    // On the style map pictures may overlap a little; they grow slower than the map.
    const usual = (UNIT / Math.sqrt(Math.max(1, n))) * view.scale;
    return usual < 40 ? Math.max(hasPictures && sheets ? 9 : 4, 1.15 * usual) : Math.min(130, 30 + 0.4 * usual);
  }

  // --- painting ------------------------------------------------------------------------------

  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      side = size();
      const isMoving = performance.now() < restsAt;
      art.paint({ rows, layout, view, side, hexes, packed, chosen, selected, lasso, hasPictures, isMoving });
    });
  }

  // The view is being moved: paint roughly now, and well once it rests.
  let restsAt = 0;
  let resting = 0;
  function drawMoved() {
    restsAt = performance.now() + 100;
    clearTimeout(resting);
    resting = setTimeout(draw, 130);
    remember(false);
    draw();
  }

  // Paintings glide from one layout to the next, so that one can follow them.
  function glide(before) {
    const target = layout;
    const own = ++moving;
    if (!before || calm.matches || rows.length > 20000) return draw();
    const start = performance.now();
    const from = { ...before.layout, ...before.view };
    const step = (now) => {
      if (own !== moving) return;
      const t = Math.min(1, (now - start) / 450);
      const ease = t * t * (3 - 2 * t);
      if (t >= 1) {
        layout = target;
        return draw();
      }
      const px = Float32Array.from(target.px);
      const py = Float32Array.from(target.py);
      for (const i of rows) {
        const x = (from.px[i] * from.scale + from.left - view.left) / view.scale;
        const y = (from.py[i] * from.scale + from.top - view.top) / view.scale;
        if (Number.isNaN(x) || Number.isNaN(y)) continue;
        px[i] = x + (target.px[i] - x) * ease;
        py[i] = y + (target.py[i] - y) * ease;
      }
      side = size();
      art.paint({
        rows, layout: { ...target, px, py, labels: [] }, view, side, hexes, packed, chosen, selected, lasso: [], hasPictures,
      });
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  // --- the address ---------------------------------------------------------------------------

  function address() {
    const said = new URLSearchParams();
    const defaults = { layout: "map", colour: "style" };
    for (const [name, value] of Object.entries(state())) {
      if (value && value !== defaults[name]) said.set(name, value);
    }
    if (lasso.length) said.set("lasso", lasso.map((corner) => corner.map(Math.round).join(" ")).join(","));
    if (picks.size) said.set("picks", [...picks].join(" "));
    const { clientWidth: width, clientHeight: height } = canvas;
    const middle = [(width / 2 - view.left) / view.scale, (height / 2 - view.top) / view.scale];
    said.set("at", [...middle.map(Math.round), view.scale.toPrecision(4)].join(" "));
    return `#${said}`;
  }

  let soon = 0;
  function remember(isStep) {
    clearTimeout(soon);
    if (isStep) history.pushState(null, "", address());
    else soon = setTimeout(() => history.replaceState(null, "", address()), 300);
  }

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    for (const field of tools.elements) {
      if (!field.name) continue;
      const fallback = { layout: "map", colour: "style" }[field.name] ?? "";
      field.value = said.get(field.name) ?? fallback;
      // What no option offers leaves a select empty.
      if (field.value === "" && fallback) field.value = fallback;
    }
    const isFiltered = [...tools.querySelectorAll("select[data-filter]")].some((one) => one.value);
    if (isFiltered) document.getElementById("map-filters").open = true;
    filter();
    colour();
    arrange();
    showAll();
    const [x, y, scale] = (said.get("at") ?? "").split(" ").map(Number);
    if (scale > 0 && Number.isFinite(x) && Number.isFinite(y)) {
      view = {
        scale,
        left: canvas.clientWidth / 2 - x * scale,
        top: canvas.clientHeight / 2 - y * scale,
      };
    }
    lasso = (said.get("lasso") ?? "").split(",").map((corner) => corner.split(" ").map(Number));
    lasso = lasso.filter((corner) => corner.length === 2 && corner.every(Number.isFinite));
    const known = (said.get("picks") ?? "").split(" ").filter(Boolean).map(Number);
    picks = new Set(known.filter((i) => Number.isInteger(i) && i >= 0 && i < n));
    select();
    choose(-1);
    draw();
  }

  // Something about what is shown has changed.
  function change() {
    const before = layout && { layout, view: { ...view } };
    filter();
    colour();
    arrange();
    lasso = [];
    showAll();
    choose(-1);
    select();
    remember(true);
    glide(before);
    say(`${rows.length.toLocaleString("en")} of ${n.toLocaleString("en")} paintings shown.`);
  }

  // --- choosing one, selecting many ----------------------------------------------------------

  const say = (text) => (said.textContent = text);

  function choose(i) {
    if (i === chosen) return;
    chosen = i;
    if (i >= 0) {
      say([site.label(i), ...facets.filter((one) => one.key !== "painter").map((one) => one.labels[one.of[i]])].filter(Boolean).join(", "));
    }
    draw();
  }

  function isInside(x, y) {
    let inside = false;
    for (let i = 0, j = lasso.length - 1; i < lasso.length; j = i++) {
      const [xi, yi] = lasso[i];
      const [xj, yj] = lasso[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  }

  function select() {
    selected = rows.filter((i) => picks.has(i) || (lasso.length > 2 && isInside(layout.px[i], layout.py[i])));
    section.hidden = !selected.length;
    if (!selected.length) return;
    const noun = selected.length === 1 ? "painting" : "paintings";
    const few = selected.length > 60 ? ", the first 60 shown" : "";
    document.getElementById("selected").textContent = `${selected.length.toLocaleString("en")} ${noun} selected${few}`;
    document.getElementById("map-selected").replaceChildren(...selected.slice(0, 60).map((i) => site.item(i)));
  }

  function selectView() {
    const edge = (x, y) => [(x - view.left) / view.scale, (y - view.top) / view.scale];
    const { clientWidth: w, clientHeight: h } = canvas;
    lasso = [edge(0, 0), edge(w, 0), edge(w, h), edge(0, h)];
    select();
    remember(true);
    draw();
    say(`${selected.length.toLocaleString("en")} paintings selected.`);
  }

  function clear() {
    lasso = [];
    picks.clear();
    select();
    remember(true);
    draw();
    canvas.focus();
  }

  function saveTable() {
    const heads = ["title", "painter", "year", ...facets.filter((one) => one.key !== "painter").map((one) => one.name), "page"];
    site.saveTable("selection.csv", heads, selected.map((i) => [
      search.titles[i],
      site.painter(i),
      search.years[i],
      ...facets.filter((one) => one.key !== "painter").map((one) => one.labels[one.of[i]] ?? ""),
      site.page(i),
    ]));
  }

  // --- moving about --------------------------------------------------------------------------

  function zoom(factor, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) {
    const scale = Math.min(4, Math.max(0.005, view.scale * factor));
    view.left = px - (px - view.left) * (scale / view.scale);
    view.top = py - (py - view.top) * (scale / view.scale);
    view.scale = scale;
    drawMoved();
  }

  const screenX = (i) => layout.px[i] * view.scale + view.left;
  const screenY = (i) => layout.py[i] * view.scale + view.top;

  function nearest(px, py, reach) {
    let best = -1;
    let least = reach * reach;
    for (const i of rows) {
      const distance = (screenX(i) - px) ** 2 + (screenY(i) - py) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  const open = (i) => {
    // What stands after the "?" says whether the page is alone in a frame.
    if (i >= 0) location.href = site.page(i) + location.search;
  };

  // The nearest painting that lies more in that direction than beside it.
  function step(dx, dy) {
    if (chosen < 0) {
      return choose(nearest(canvas.clientWidth / 2, canvas.clientHeight / 2, Infinity));
    }
    let best = chosen;
    let least = Infinity;
    for (const i of rows) {
      const right = screenX(i) - screenX(chosen);
      const down = screenY(i) - screenY(chosen);
      const along = right * dx + down * dy;
      const aside = Math.abs(right * dy) + Math.abs(down * dx);
      if (along <= 0.5 || aside > along) continue;
      if (along + aside < least) [best, least] = [i, along + aside];
    }
    choose(best);
    const px = screenX(best);
    const py = screenY(best);
    if (px < 0 || py < 0 || px > canvas.clientWidth || py > canvas.clientHeight) {
      view.left += canvas.clientWidth / 2 - px;
      view.top += canvas.clientHeight / 2 - py;
      remember(false);
    }
    draw();
  }

  function pick(i) {
    if (i < 0) return;
    if (!picks.delete(i)) picks.add(i);
    select();
    remember(true);
    draw();
    say(`${site.label(i)}: ${picks.has(i) ? "selected" : "no longer selected"}.`);
  }

  function setLassoing(on) {
    isLassoing = on;
    lassoButton.setAttribute("aria-pressed", String(on));
    frame.classList.toggle("lassoing", on);
  }

  const keys = {
    ArrowLeft: () => step(-1, 0),
    ArrowRight: () => step(1, 0),
    ArrowUp: () => step(0, -1),
    ArrowDown: () => step(0, 1),
    "+": () => zoom(1.4),
    "=": () => zoom(1.4),
    "-": () => zoom(1 / 1.4),
    0: () => (showAll(), remember(false), draw()),
    " ": () => pick(chosen),
    Enter: () => open(chosen),
    Escape: () => (setLassoing(false), choose(-1)),
  };
  canvas.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });

  const fingers = new Map();
  let moved = 0;
  let drawn = null; // corners of a lasso in hand
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { px: event.offsetX, py: event.offsetY });
    if (fingers.size === 1) moved = 0;
    drawn = fingers.size === 1 && (isLassoing || event.shiftKey) ? [] : null;
  });
  canvas.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    const { offsetX: px, offsetY: py } = event;
    if (!finger) return choose(nearest(px, py, Math.max(14, side)));
    if (drawn) {
      drawn.push([(px - view.left) / view.scale, (py - view.top) / view.scale]);
      lasso = drawn;
      return draw();
    }
    const before = [...fingers.values()].map((f) => ({ ...f }));
    moved += Math.abs(px - finger.px) + Math.abs(py - finger.py);
    view.left += (px - finger.px) / fingers.size;
    view.top += (py - finger.py) / fingers.size;
    finger.px = px;
    finger.py = py;
    if (fingers.size === 2) {
      const spread = ([a, b]) => Math.hypot(a.px - b.px, a.py - b.py) || 1;
      const after = [...fingers.values()];
      const middle = [(after[0].px + after[1].px) / 2, (after[0].py + after[1].py) / 2];
      zoom(spread(after) / spread(before), ...middle);
    }
    drawMoved();
  });
  canvas.addEventListener("pointerup", (event) => {
    const wasOne = fingers.size === 1;
    fingers.delete(event.pointerId);
    if (drawn) {
      // At most 40 corners go into the address.
      const every = Math.max(1, Math.ceil(drawn.length / 40));
      lasso = drawn.filter((_, at) => at % every === 0);
      drawn = null;
      setLassoing(false);
      select();
      remember(true);
      draw();
      return say(`${selected.length.toLocaleString("en")} paintings selected.`);
    }
    if (!wasOne || moved > 6) return;
    const i = nearest(event.offsetX, event.offsetY, Math.max(14, side));
    // A finger has no hover: the first tap shows, the second opens.
    if (event.pointerType === "touch" && i !== chosen) choose(i);
    else open(i);
  });
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("pointerleave", (event) => {
    // A finger leaves as soon as it is lifted; what it chose stays.
    if (event.pointerType === "mouse" && !fingers.size) choose(-1);
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    },
    { passive: false },
  );

  const deeds = {
    in: () => zoom(1.6),
    out: () => zoom(1 / 1.6),
    all: keys[0],
    lasso: () => setLassoing(!isLassoing),
    view: selectView,
    csv: saveTable,
    clear,
  };
  for (const place of [frame, section]) {
    place.addEventListener("click", (event) => deeds[event.target.dataset?.do]?.());
  }
  tools.addEventListener("change", change);
  tools.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", recall);
  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  recall();
  window.ArtStyleNet.paintTimes = art.times; // milliseconds a frame; read by the benchmark
})();
