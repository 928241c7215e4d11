"use strict";
// Similar by facet: sliders say how much looks, colour, texture and composition count.

(() => {
  const form = document.getElementById("facets");
  const list = document.getElementById("by-facets-works");
  const said = document.getElementById("by-facets-said");
  const root = document.querySelector("link[rel=icon]").href.replace(/static\/.*$/, "");
  const NAMES = { features: "the network", colour: "colour", texture: "texture", composition: "composition" };
  let asked = 0;

  const make = (kind, className, text) => {
    const made = document.createElement(kind);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  function why(parts) {
    const total = Object.values(parts).reduce((sum, part) => sum + Math.max(part, 0), 0) || 1;
    return Object.entries(parts)
      .filter(([, part]) => part > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([name, part]) => `${NAMES[name]} ${Math.round((100 * part) / total)} %`)
      .join(", ");
  }

  function card(work) {
    const item = make("li");
    const link = make("a");
    const image = make("img");
    const caption = make("span", "caption");
    link.href = root + work.page;
    image.src = root + work.thumbnail;
    image.alt = "";
    image.loading = "lazy";
    image.addEventListener("load", () => {
      // Through the object model: allowed by the policy.
      item.style.setProperty("--r", (image.naturalWidth / image.naturalHeight).toFixed(2));
    });
    caption.append(make("span", "what", work.title), " ");
    caption.append(make("span", "who", [work.painter, work.year].filter(Boolean).join(", ")), " ");
    caption.append(make("span", "weight", why(work.why)));
    link.append(image, caption);
    item.append(link);
    return item;
  }

  async function ask() {
    const mine = ++asked;
    const weights = new URLSearchParams(new FormData(form));
    weights.set("painting", form.dataset.painting);
    weights.set("n", "8");
    said.textContent = "Looking …";
    try {
      const answer = await fetch(`${root}api/v1/similar-by-facets?${weights}`);
      const found = await answer.json();
      if (mine !== asked) return; // the sliders have moved on
      if (!answer.ok) {
        said.textContent = found.detail;
        return;
      }
      list.replaceChildren(...found.map(card));
      said.textContent = "The percentages tell what each likeness rests on.";
    } catch {
      said.textContent = "The explorer does not answer; is it still running?";
    }
  }

  function remember() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const slider of form.querySelectorAll("input")) state.set(slider.name, slider.value);
    history.replaceState(null, "", `#${state}`);
    ask();
  }

  const state = new URLSearchParams(location.hash.slice(1));
  let isAsked = false;
  for (const slider of form.querySelectorAll("input")) {
    if (state.has(slider.name)) {
      slider.value = state.get(slider.name);
      isAsked = true;
    }
    slider.addEventListener("change", remember);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    remember();
  });
  if (isAsked) ask();
})();
