"use strict";
// Paints the map. Many paintings are dots written straight into pixels, which is fast for a
// hundred thousand; fewer are tiny pictures cut from sheets; those with room are thumbnails.

(() => {
  const site = window.ArtStyleNet;
  const { aspect, sheets: nSheets, cell: CELL, columns: COLUMNS } = site.map;
  const PER_SHEET = COLUMNS * COLUMNS;
  const MOST_PICTURES = 9000; // at once; beyond, dots
  const MOST_THUMBNAILS = 300;
  const AT_ONCE = 12;
  const SLOW = 25; // milliseconds
  const SHARPER = 44; // pixels a side from which a sheet's picture is too coarse

  // Bytes of a colour in the order of a canvas' pixels, as one number.
  const packed = (hex) => {
    const value = parseInt(hex.slice(1), 16);
    return (255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
  };

  function drawing(canvas, redraw) {
    const context = canvas.getContext("2d");
    const sheets = Array.from({ length: nSheets }, () => null);
    const asked = new Set();
    const thumbnails = new Map();
    let loading = 0;
    let pixels = null;
    let snapshot = null;
    let times = [];

    function sheet(number) {
      if (!asked.has(number)) {
        asked.add(number);
        const image = new Image();
        image.addEventListener("load", async () => {
          // Decoded once for all: an image may be decoded again each time it is drawn.
          sheets[number] = await createImageBitmap(image);
          redraw();
        });
        image.src = `sprites/sheet-${number}.jpg`;
      }
      return sheets[number];
    }

    function thumbnail(i) {
      let image = thumbnails.get(i);
      if (!image) {
        if (loading >= AT_ONCE || !site.search.thumbs[i]) return null;
        image = new Image();
        loading++;
        const done = () => (loading--, redraw());
        image.addEventListener("load", done);
        image.addEventListener("error", done);
        image.src = site.thumb(i);
        thumbnails.set(i, image);
        // The oldest go when there are too many; maps remember the order of their keys.
        if (thumbnails.size > 3 * MOST_THUMBNAILS) thumbnails.delete(thumbnails.keys().next().value);
      }
      return image.complete && image.naturalWidth ? image : null;
    }

    function dots(rows, at, radius, colours) {
      const { width, height } = canvas;
      if (!pixels || pixels.width !== width || pixels.height !== height) {
        pixels = context.createImageData(width, height);
      }
      const words = new Uint32Array(pixels.data.buffer);
      words.fill(0);
      const reach = Math.max(1, Math.round(radius * at.ratio));
      const disc = [];
      for (let down = -reach; down <= reach; down++) {
        const half = Math.floor(Math.sqrt((reach + 0.3) ** 2 - down ** 2));
        disc.push([down * width, half]);
      }
      for (const i of rows) {
        const left = Math.round(at.x(i) * at.ratio);
        const top = Math.round(at.y(i) * at.ratio);
        if (left < reach || top < reach || left >= width - reach || top >= height - reach) continue;
        const middle = top * width + left;
        for (const [down, half] of disc) {
          words.fill(colours[i], middle + down - half, middle + down + half + 1);
        }
      }
      context.putImageData(pixels, 0, 0);
    }

    function picture(i, at, side, colour, sharp) {
      const width = side * Math.min(1, aspect[i]);
      const height = side * Math.min(1, 1 / aspect[i]);
      const left = at.x(i) - width / 2;
      const top = at.y(i) - height / 2;
      const whole = sharp ? thumbnail(i) : null;
      const from = whole ? null : nSheets && sheet(Math.floor(i / PER_SHEET));
      if (whole) context.drawImage(whole, left, top, width, height);
      else if (from) {
        const place = i % PER_SHEET;
        const wide = Math.max(1, Math.round(CELL * Math.min(1, aspect[i])));
        const high = Math.max(1, Math.round(CELL * Math.min(1, 1 / aspect[i])));
        context.drawImage(
          from,
          (place % COLUMNS) * CELL, Math.floor(place / COLUMNS) * CELL, wide, high,
          left, top, width, height,
        );
      } else {
        context.fillStyle = colour;
        context.fillRect(left, top, width, height);
        return;
      }
      const line = side < 24 ? 1.5 : 3;
      context.fillStyle = colour;
      context.fillRect(left, top + height - (side < 24 ? line : 0), width, line);
    }

    function labels(layout, at, box) {
      const ink = getComputedStyle(canvas);
      const rows = layout.labels.filter((label) => label.side === "left");
      const apart = rows.length > 1 ? (rows[1].y - rows[0].y) * at.scale : 20;
      context.font = `${Math.min(13, Math.max(8, apart - 2))}px ${ink.fontFamily}`;
      context.textBaseline = "middle";
      let lowest = -Infinity;
      for (const label of layout.labels) {
        const left = label.side === "left";
        let x = label.x * at.scale + at.left;
        let y = label.y * at.scale + at.top;
        // Row and column heads stay at the edge while one moves about.
        if (left) x = Math.max(8, x - 8 - context.measureText(label.text).width);
        else if (label.side === "above") y = Math.max(12, y - 12);
        else y = Math.min(box.height - 12, y + 14);
        if (y < 0 || y > box.height || x > box.width) continue;
        if (left && y - lowest < 9) continue;
        if (left) lowest = y;
        const wide = context.measureText(label.text).width;
        const high = left ? Math.min(18, apart) : 18;
        context.fillStyle = at.paper;
        context.fillRect(x - 3, y - high / 2, wide + 6, high);
        context.fillStyle = ink.color;
        context.fillText(label.text, x, y);
      }
    }

    // While one moves about, a picture of the map follows the hand, where painting takes long;
    // the map itself is painted when the hand rests.
    function follow({ scale, left, top }) {
      const change = scale / snapshot.scale;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.drawImage(
        snapshot.canvas,
        (left - snapshot.left * change) * snapshot.ratio,
        (top - snapshot.top * change) * snapshot.ratio,
        canvas.width * change,
        canvas.height * change,
      );
    }

    function keep(view, ratio, took) {
      snapshot = null;
      if (took < SLOW) return;
      const copy = document.createElement("canvas");
      copy.width = canvas.width;
      copy.height = canvas.height;
      copy.getContext("2d").drawImage(canvas, 0, 0);
      snapshot = { ...view, canvas: copy, ratio };
    }

    // `scene`: rows, layout, view (scale, left, top), side, hexes and packed (colours), chosen,
    // selected, lasso, hasPictures, and isMoving if another paint follows soon
    function paint(scene) {
      const start = performance.now();
      const ratio = devicePixelRatio || 1;
      if (scene.isMoving && snapshot) {
        follow(scene.view);
        times.push(performance.now() - start);
        return;
      }
      const box = { width: canvas.clientWidth, height: canvas.clientHeight };
      if (canvas.width !== Math.round(box.width * ratio) || canvas.height !== Math.round(box.height * ratio)) {
        canvas.width = Math.round(box.width * ratio);
        canvas.height = Math.round(box.height * ratio);
      }
      const { px, py } = scene.layout;
      const { scale, left, top } = scene.view;
      const at = {
        ratio, scale, left, top,
        paper: getComputedStyle(canvas).backgroundColor,
        x: (i) => px[i] * scale + left,
        y: (i) => py[i] * scale + top,
      };
      const side = scene.side;
      const inView = scene.rows.filter((i) => {
        const x = at.x(i);
        const y = at.y(i);
        return x > -side && y > -side && x < box.width + side && y < box.height + side;
      });
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      const most = nSheets ? MOST_PICTURES : MOST_THUMBNAILS;
      const asDots = !scene.hasPictures || side < 5 || inView.length > most;
      if (asDots) {
        const radius = Math.min(6, Math.max(1.5, side / 3));
        dots(inView, at, radius, scene.packed);
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      if (!asDots) {
        const sharp = side * ratio > SHARPER && inView.length <= MOST_THUMBNAILS;
        for (const i of inView) picture(i, at, 0.94 * side, scene.hexes[i], sharp);
      }
      const ink = getComputedStyle(canvas).color;
      context.strokeStyle = ink;
      context.lineWidth = 2;
      const ring = (i, size) => {
        context.beginPath();
        context.arc(at.x(i), at.y(i), size, 0, 2 * Math.PI);
        context.stroke();
      };
      for (const i of scene.selected) ring(i, Math.max(5, side / 2));
      labels(scene.layout, at, box);
      if (scene.lasso.length > 1) {
        context.beginPath();
        for (const [x, y] of scene.lasso) context.lineTo(x * scale + left, y * scale + top);
        context.closePath();
        context.setLineDash([6, 4]);
        context.stroke();
        context.setLineDash([]);
      }
      if (scene.chosen >= 0) {
        const large = Math.max(2.2 * Math.min(side, 60), 110);
        if (scene.hasPictures) picture(scene.chosen, at, large, scene.hexes[scene.chosen], true);
        else ring(scene.chosen, 10);
      }
      const took = performance.now() - start;
      if (!scene.isMoving) keep(scene.view, ratio, took);
      times.push(took);
      if (times.length > 240) times = times.slice(-120);
    }

    return { paint, times: () => times };
  }

  site.drawing = drawing;
  site.packedColour = packed;
})();
