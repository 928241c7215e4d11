"use strict";
// Takes pictures by drop, choice or paste, asks the explorer where they belong, and shows it.

(() => {
  const site = window.ArtStyleNet;
  const form = document.getElementById("drop");
  const input = document.getElementById("bring-files");
  const said = document.getElementById("brought-said");
  const brought = document.getElementById("brought");
  const chips = [...document.querySelectorAll(".keys a")];
  const atOnce = Number(form.dataset.atOnce);
  const { element, picture } = site;
  const percent = (weight) => `${Math.round(100 * weight)} %`;

  function svg(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function bar(parts) {
    const words = parts.map(({ style, weight }) => `${chips[style].textContent} ${percent(weight)}`);
    const drawn = svg("svg", {
      class: "mixture", viewBox: "0 0 100 6", preserveAspectRatio: "none", role: "img",
      "aria-label": words.join(", "),
    });
    let x = 0;
    for (const { style, weight } of parts) {
      drawn.append(svg("rect", { class: chips[style].dataset.color, x, width: 100 * weight, height: 6 }));
      x += 100 * weight;
    }
    return drawn;
  }

  function legend(parts) {
    const list = element("ol", "legend");
    for (const { style, weight } of parts) {
      const item = element("li");
      const link = chips[style].cloneNode(true);
      const meter = svg("svg", { class: `meter ${chips[style].dataset.color}`, viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" });
      meter.append(svg("rect", { width: 100 * weight, height: 4 }));
      item.append(link, meter, element("span", "number", percent(weight)));
      list.append(item);
    }
    return list;
  }

  function wall(heading, works) {
    const part = element("section");
    const list = element("ul", "wall short row");
    for (const work of works) {
      const item = element("li", "r100");
      const link = element("a");
      link.href = work.page;
      const caption = element("span", "caption");
      caption.append(element("span", "what", work.title), element("span", "who", [work.painter, work.year].filter(Boolean).join(", ")));
      link.append(picture(work.thumbnail, item), caption);
      item.append(link);
      list.append(item);
    }
    part.append(element("h3", "", heading), list);
    return part;
  }

  function show(holder, name, placed) {
    const parts = placed.mixture.map((weight, style) => ({ style, weight }));
    parts.sort((a, b) => b.weight - a.weight);
    const shown = parts.filter(({ weight }, place) => !place || weight >= 0.01);
    const image = element("img");
    image.src = placed.thumbnail;
    image.alt = name;
    const figure = element("figure");
    figure.append(image);
    const about = element("div", "about");
    about.append(element("h2", "", name), bar(shown), legend(shown), element("p", "quiet", `${placed.width.toLocaleString("en")} by ${placed.height.toLocaleString("en")} pixels. Not kept.`));
    const work = element("article", "work");
    work.append(figure, about);
    holder.replaceChildren(work, wall("Nearest by mixture of styles", placed.by_styles), wall("Nearest to the eye of the network", placed.by_features));
  }

  async function place(file) {
    const holder = element("section", "", `Looking at ${file.name} …`);
    brought.prepend(holder);
    try {
      const reply = await fetch("api/v1/place", { method: "POST", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file });
      const answer = reply.headers.get("Content-Type")?.includes("json") ? await reply.json() : { detail: await reply.text() };
      if (!reply.ok) throw new Error(answer.detail);
      show(holder, file.name, answer);
    } catch (error) {
      holder.textContent = `${file.name}: ${error.message}`;
    }
  }

  async function take(files) {
    const some = [...files].slice(0, atOnce);
    if (!some.length) return;
    const left = files.length - some.length;
    said.textContent = left ? `The first ${atOnce} of ${files.length} pictures are taken.` : "";
    for (const file of some) await place(file);
    said.textContent = `${some.length === 1 ? "One picture" : `${some.length} pictures`} looked at, none kept.`;
  }

  input.addEventListener("change", () => take(input.files));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["dragover", "drop"]) {
    addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle("over", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files);
    });
  }
  addEventListener("dragleave", () => form.classList.remove("over"));
  addEventListener("paste", (event) => take(event.clipboardData.files));
})();
