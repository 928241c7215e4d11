"use strict";
// The map: points coloured by style; a thumbnail wherever there is room for one. Pan by dragging
// or with two fingers, zoom by wheel, pinch or buttons, walk from painting to painting by arrows.

(() => {
  const { x, y, style, aspect } = window.ArtStyleNet.map;
  const search = window.ArtStyleNet.search;
  const frame = document.getElementById("map");
  const canvas = frame.querySelector("canvas");
  const said = document.getElementById("map-said");
  const context = canvas.getContext("2d");
  const hasPictures = frame.dataset.pictures === "yes";
  const SIDE = 10000;
  const MARGIN = 40;

  const colors = [...document.querySelectorAll(".keys .dot")].map(
    (dot) => getComputedStyle(dot).backgroundColor,
  );
  const view = { scale: 1, left: 0, top: 0 }; // screen = place * scale + offset, in CSS pixels
  const images = new Map();
  let chosen = -1;
  let waiting = false;

  // Pixels a side of the cell in which one thumbnail is shown: larger on larger screens.
  const room = () => Math.min(110, Math.max(54, canvas.clientHeight / 11));
  const screenX = (i) => x[i] * view.scale + view.left;
  const screenY = (i) => (SIDE - y[i]) * view.scale + view.top;

  const extent = (places) => [
    places.reduce((a, b) => Math.min(a, b), SIDE),
    places.reduce((a, b) => Math.max(a, b), 0),
  ];
  const [west, east] = extent(x);
  const [south, north] = extent(y);

  function showAll() {
    const { clientWidth: width, clientHeight: height } = canvas;
    view.scale = Math.min(
      (width - 2 * MARGIN) / Math.max(east - west, 1),
      (height - 2 * MARGIN) / Math.max(north - south, 1),
    );
    view.left = width / 2 - ((east + west) / 2) * view.scale;
    view.top = height / 2 - (SIDE - (north + south) / 2) * view.scale;
  }

  function thumbnail(i) {
    let image = images.get(i);
    if (!image) {
      image = new Image();
      image.addEventListener("load", draw);
      image.src = `thumbs/${search.thumbs[i]}/${search.names[i]}.jpg`;
      images.set(i, image);
    }
    return image.complete && image.naturalWidth ? image : null;
  }

  function paintPicture(i, side) {
    const image = thumbnail(i);
    if (!image) return;
    const width = side * Math.min(1, aspect[i]);
    const height = side * Math.min(1, 1 / aspect[i]);
    const left = screenX(i) - width / 2;
    const top = screenY(i) - height / 2;
    context.drawImage(image, left, top, width, height);
    context.fillStyle = colors[style[i]];
    context.fillRect(left, top + height, width, 3);
  }

  function paint() {
    waiting = false;
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const radius = Math.min(6, Math.max(2, 400 * view.scale * (30 / Math.sqrt(x.length))));
    const shown = new Map(); // cell -> the first painting in it; cells are fixed to the map
    const side = room();
    const cell = side / view.scale;
    for (let i = 0; i < x.length; i++) {
      const left = screenX(i);
      const top = screenY(i);
      if (left < -side || top < -side || left > width + side || top > height + side) continue;
      context.fillStyle = colors[style[i]];
      context.beginPath();
      context.arc(left, top, radius, 0, 2 * Math.PI);
      context.fill();
      const key = Math.floor(x[i] / cell) * 100000 + Math.floor(y[i] / cell);
      if (!shown.has(key)) shown.set(key, i);
    }
    if (hasPictures) for (const i of shown.values()) paintPicture(i, 0.86 * side);
    if (chosen >= 0) {
      if (hasPictures) paintPicture(chosen, 2.4 * side);
      context.strokeStyle = getComputedStyle(canvas).color;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(screenX(chosen), screenY(chosen), radius + 5, 0, 2 * Math.PI);
      if (!hasPictures) context.stroke();
    }
  }

  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(paint);
  }

  function choose(i) {
    if (i === chosen) return;
    chosen = i;
    said.textContent =
      i < 0
        ? ""
        : [search.titles[i], search.painters[search.painter[i]], search.years[i], `Style ${style[i]}`]
            .filter(Boolean)
            .join(", ");
    draw();
  }

  function nearest(px, py, reach) {
    let best = -1;
    let least = reach * reach;
    for (let i = 0; i < x.length; i++) {
      const distance = (screenX(i) - px) ** 2 + (screenY(i) - py) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  function zoom(factor, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) {
    const scale = Math.min(2, Math.max(0.01, view.scale * factor));
    view.left = px - (px - view.left) * (scale / view.scale);
    view.top = py - (py - view.top) * (scale / view.scale);
    view.scale = scale;
    draw();
  }

  const open = (i) => {
    if (i >= 0) location.href = `paintings/${search.names[i]}.html`;
  };

  // The nearest painting that lies more in that direction than beside it.
  function step(dx, dy) {
    if (chosen < 0) {
      return choose(nearest(canvas.clientWidth / 2, canvas.clientHeight / 2, Infinity));
    }
    let best = chosen;
    let least = Infinity;
    for (let i = 0; i < x.length; i++) {
      const right = screenX(i) - screenX(chosen);
      const down = screenY(i) - screenY(chosen);
      const along = right * dx + down * dy;
      const aside = Math.abs(right * dy) + Math.abs(down * dx);
      if (along <= 0 || aside > along) continue;
      if (along + aside < least) [best, least] = [i, along + aside];
    }
    choose(best);
    const px = screenX(best);
    const py = screenY(best);
    if (px < 0 || py < 0 || px > canvas.clientWidth || py > canvas.clientHeight) {
      view.left += canvas.clientWidth / 2 - px;
      view.top += canvas.clientHeight / 2 - py;
    }
    draw();
  }

  const keys = {
    ArrowLeft: () => step(-1, 0),
    ArrowRight: () => step(1, 0),
    ArrowUp: () => step(0, -1),
    ArrowDown: () => step(0, 1),
    "+": () => zoom(1.4),
    "=": () => zoom(1.4),
    "-": () => zoom(1 / 1.4),
    0: () => (showAll(), draw()),
    Enter: () => open(chosen),
    Escape: () => choose(-1),
  };
  canvas.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });

  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { px: event.offsetX, py: event.offsetY });
    if (fingers.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    const { offsetX: px, offsetY: py } = event;
    if (!finger) return choose(nearest(px, py, room() / 2));
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
    draw();
  });
  canvas.addEventListener("pointerup", (event) => {
    const wasOne = fingers.size === 1;
    fingers.delete(event.pointerId);
    if (!wasOne || moved > 6) return;
    const i = nearest(event.offsetX, event.offsetY, room() / 2);
    // A finger has no hover: the first tap shows, the second opens.
    if (event.pointerType === "touch" && i !== chosen) choose(i);
    else open(i);
  });
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
  frame.querySelector(".map-buttons").addEventListener("click", (event) => {
    const way = event.target.dataset.zoom;
    if (way === "in") zoom(1.6);
    if (way === "out") zoom(1 / 1.6);
    if (way === "all") {
      showAll();
      draw();
    }
  });

  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  showAll();
  draw();
})();
