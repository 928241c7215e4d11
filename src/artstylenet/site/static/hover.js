"use strict";
// Shows the picture of what is pointed at or reached by keyboard: anything with data-thumb.

(() => {
  const peek = document.createElement("div");
  const image = document.createElement("img");
  image.alt = ""; // the link beside it says what it is
  peek.className = "peek";
  peek.hidden = true;
  peek.append(image);
  document.body.append(peek);

  const margin = 16;

  function place(x, y) {
    const box = peek.getBoundingClientRect();
    const right = x + margin + box.width < innerWidth;
    const left = right ? x + margin : Math.max(0, x - margin - box.width);
    const top = Math.min(Math.max(0, y - box.height / 2), Math.max(0, innerHeight - box.height));
    // Styles set through the object model are not inline styles to the content security policy.
    peek.style.left = `${left}px`;
    peek.style.top = `${top}px`;
  }

  function show(target, x, y) {
    const holder = target instanceof Element && target.closest("[data-thumb]");
    peek.hidden = !holder;
    if (!holder) return;
    const source = holder.dataset.thumb;
    if (image.getAttribute("src") !== source) image.src = source;
    place(x, y);
  }

  document.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") show(event.target, event.clientX, event.clientY);
  });
  document.addEventListener("focusin", (event) => {
    if (!event.target.matches(":focus-visible")) return;
    const box = event.target.getBoundingClientRect();
    show(event.target, box.right, box.top + box.height / 2);
  });
  document.addEventListener("focusout", () => (peek.hidden = true));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") peek.hidden = true;
  });
  image.addEventListener("error", () => (peek.hidden = true));
})();
