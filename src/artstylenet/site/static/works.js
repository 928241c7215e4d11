"use strict";
// What several pages do with paintings: show one on a wall, compare two, save a table.

(() => {
  // There is no data where a page asks the server for what it shows.
  const site = (window.ArtStyleNet ??= {});
  const { search } = site;

  const thumb = (i) => `thumbs/${search.thumbs[i]}/${search.names[i]}.jpg`;
  const page = (i) => `paintings/${search.names[i]}.html`;
  const painter = (i) => search.painters[search.painter[i]] ?? "";
  const label = (i) => [search.titles[i], painter(i), search.years[i]].filter(Boolean).join(", ");

  function element(name, className = "", text = "") {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // A picture that learns its shape when it comes, for walls that crop nothing.
  function picture(source, holder) {
    const image = element("img");
    image.alt = ""; // the caption says what it is
    image.loading = "lazy";
    image.addEventListener("load", () => {
      const ratio = Math.round((100 * image.naturalWidth) / image.naturalHeight);
      holder.className = `r${Math.min(350, Math.max(30, ratio))}`;
    });
    image.src = source;
    return image;
  }

  const item = (i, note = "") =>
    itemOf(
      {
        page: page(i), title: search.titles[i], painter: painter(i), year: search.years[i],
        thumbnail: search.thumbs[i] && thumb(i),
      },
      note,
    );

  // A work as the API tells of it.
  function itemOf(work, note = "") {
    const holder = element("li", work.thumbnail ? "r100" : "r140");
    const link = element("a");
    link.href = work.page;
    if (work.thumbnail) link.append(picture(work.thumbnail, holder));
    const caption = element("span", "caption");
    caption.append(
      element("span", "what", work.title),
      element("span", "who", [work.painter, work.year].filter(Boolean).join(", ")),
    );
    if (note) caption.append(element("span", "weight", note));
    link.append(caption);
    holder.append(link);
    return holder;
  }

  // Compare without case and accents: "duerer" is not Dürer, but "durer" is.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = (text) => plain(text).split(/\s+/).filter(Boolean);
  let haystack = null;
  function matches(i, wanted) {
    haystack ??= search.titles.map((title, row) =>
      plain([title, painter(row), search.years[row], search.names[row]].join(" ")),
    );
    return wanted.every((word) => haystack[i].includes(word));
  }

  // A cell that begins like a formula would be run as one by a spreadsheet.
  function cell(value) {
    const text = String(value ?? "");
    const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
  }

  function save(name, kind, text) {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function saveTable(name, heads, rows) {
    const lines = [heads, ...rows].map((row) => row.map(cell).join(","));
    save(name, "text/csv", lines.join("\r\n") + "\r\n");
  }

  // Square roots of the mixtures, from data/mixtures.js.
  let roots = null;
  function mixtureRoots() {
    if (!roots) {
      const text = atob(site.mixtures.roots);
      roots = new Float32Array(text.length);
      for (let i = 0; i < text.length; i++) roots[i] = text.charCodeAt(i);
      // They came as bytes: made of unit length again, none is nearer than a work is to itself.
      for (let from = 0; from < roots.length; from += site.mixtures.nStyles) {
        const own = roots.subarray(from, from + site.mixtures.nStyles);
        const length = Math.hypot(...own) || 1;
        own.forEach((root, k) => (own[k] = root / length));
      }
    }
    return roots;
  }

  // Bhattacharyya's coefficient of two mixtures: 1 if they are the same, 0 if nothing is shared.
  function affinity(i, j) {
    const all = mixtureRoots();
    const n = site.mixtures.nStyles;
    let sum = 0;
    for (let k = 0; k < n; k++) sum += all[i * n + k] * all[j * n + k];
    return sum;
  }

  Object.assign(site, {
    affinity, element, item, itemOf, label, matches, mixtureRoots, page, painter, picture, save, saveTable,
    thumb, words,
  });
})();
