"use strict";
// Veils the picture where a style is not. The strength of the veil and the style stand in the
// address: paintings/x.html#where=3&veil=60

(() => {
  const GRID = 14;
  const LEAST_SPAN = 50; // of 255
  const form = document.getElementById("regions");
  const figure = form.closest("figure");
  const image = figure.querySelector("img");
  // The style sheet says what a veil does; the canvas is its mask.
  const veil = document.createElement("div");
  veil.className = "veiling";
  veil.setAttribute("aria-hidden", "true");
  const mask = document.createElement("canvas");
  mask.width = GRID;
  mask.height = GRID;
  const context = mask.getContext("2d");
  const said = document.getElementById("where-said");
  const choices = [...form.querySelectorAll("[name=where]")];
  const strength = form.querySelector("[name=veil]");
  const choice = () => choices.find((one) => one.checked);

  // The picture may not fill its box; the veil lies on the picture.
  function place() {
    const scale = Math.min(
      image.clientWidth / (image.naturalWidth || 1),
      image.clientHeight / (image.naturalHeight || 1),
    );
    veil.style.left = `${image.offsetLeft}px`;
    veil.style.top = `${image.offsetTop}px`;
    veil.style.width = `${image.naturalWidth * scale}px`;
    veil.style.height = `${image.naturalHeight * scale}px`;
  }

  function draw() {
    const { cells } = choice().dataset;
    veil.hidden = !cells;
    said.textContent = "";
    if (!cells) return;
    const weights = Array.from(atob(cells), (byte) => byte.charCodeAt(0));
    const most = Math.max(1, ...weights);
    // A style that is everywhere is somewhere strongest: the veil goes from there to where it is
    // weakest. Small differences stay small.
    const least = Math.min(...weights);
    const span = Math.max(most - least, Math.min(most, LEAST_SPAN));
    if (most - least < LEAST_SPAN && least > most / 2) said.textContent = "Nearly all over the picture.";
    const pixels = context.createImageData(GRID, GRID);
    weights.forEach((weight, i) => {
      const absent = (most - weight) / span;
      pixels.data[4 * i + 3] = 2.55 * strength.value * absent;
    });
    context.putImageData(pixels, 0, 0);
    veil.style.maskImage = `url(${mask.toDataURL()})`;
    place();
  }

  function remember() {
    const said = new URLSearchParams();
    if (choice().value) {
      said.set("where", choice().value);
      said.set("veil", strength.value);
    }
    history.replaceState(null, "", `#${said}`);
    draw();
  }

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    const wanted = choices.find((one) => one.value === (said.get("where") ?? "")) ?? choices[0];
    wanted.checked = true;
    if (said.has("veil")) strength.value = said.get("veil");
    draw();
  }

  form.addEventListener("input", remember);
  addEventListener("hashchange", recall);
  addEventListener("resize", place);
  image.addEventListener("load", place);
  figure.append(veil);
  form.hidden = false;
  recall();
})();
