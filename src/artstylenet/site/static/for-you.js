"use strict";
// Recommends after what one likes. Everything is worked out in the page from the mixtures, so it
// is the same in an exported site, and nobody learns what one likes.

(() => {
  const site = window.ArtStyleNet;
  const { search, mixtures, words, matches, item, affinity } = site;
  const n = search.names.length;
  const nStyles = mixtures.nStyles;
  // Whole rows of squares: two of eight on a desk, four of three on a phone.
  const OFFERED = matchMedia("(width >= 48rem)").matches ? 16 : 12;
  const RECOMMENDED = 18;
  const PER_PAINTER = 3;
  const MOST_TRIED = 400; // for one marked painting, before painters are counted
  const STEPS = 6;
  const byId = (id) => document.getElementById(id);
  const rowOf = new Map(search.names.map((name, i) => [name, i]));
  const styleName = (style) => document.querySelector(`[data-style="${style}"]`).textContent;

  let liked = [];
  let offered = [];

  const roots = (i) => site.mixtureRoots().subarray(i * nStyles, (i + 1) * nStyles);

  // --- the address ---------------------------------------------------------------------------

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    liked = (said.get("like") ?? "").split(" ").flatMap((name) => rowOf.get(name) ?? []);
    byId("other-painters").checked = said.get("new") === "1";
    show();
  }

  function remember() {
    const said = new URLSearchParams();
    if (liked.length) said.set("like", liked.map((i) => search.names[i]).join(" "));
    if (byId("other-painters").checked) said.set("new", "1");
    history.pushState(null, "", `#${said}`);
    show();
  }

  // --- marking -------------------------------------------------------------------------------

  function button(i) {
    const holder = item(i);
    const link = holder.querySelector("a");
    const press = site.element("button", "pick");
    press.type = "button";
    press.setAttribute("aria-pressed", String(liked.includes(i)));
    press.setAttribute("aria-label", site.label(i));
    press.append(...link.childNodes);
    press.addEventListener("click", () => {
      liked = liked.includes(i) ? liked.filter((other) => other !== i) : [...liked, i];
      remember();
    });
    link.replaceWith(press);
    return holder;
  }

  // A few works from all over the collection: any two are of different painters where possible.
  function offerOthers() {
    const painters = new Set();
    const shuffled = Array.from({ length: Math.min(n, 400) }, () => Math.floor(Math.random() * n));
    offered = [];
    for (const i of [...new Set(shuffled)]) {
      if (offered.length === OFFERED) break;
      if (search.painter[i] >= 0 && painters.has(search.painter[i])) continue;
      painters.add(search.painter[i]);
      offered.push(i);
    }
    showOffer();
  }

  function showOffer() {
    const wanted = words(byId("like-find").value);
    const rows = [];
    if (wanted.length) {
      for (let i = 0; i < n && rows.length < 2 * OFFERED; i++) if (matches(i, wanted)) rows.push(i);
    }
    byId("like-offer").replaceChildren(...(wanted.length ? rows : offered).map(button));
  }

  // --- recommending --------------------------------------------------------------------------

  // The styles that two paintings share most, and how much of both is made of them.
  function reason(i, j) {
    const [a, b] = [roots(i), roots(j)];
    const shared = [...a].map((root, style) => ({ style, weight: root * b[style] }));
    shared.sort((one, other) => other.weight - one.weight);
    const names = shared.filter(({ weight }) => weight > 0.1).slice(0, 2);
    return names.map(({ style }) => styleName(style)).join(" and ");
  }

  // The nearest to one marked painting, best first; to the others a little, too.
  function nearest(j, rows, means) {
    const scores = Float32Array.from(rows, (i, at) => 0.8 * affinity(i, j) + 0.2 * means[at]);
    const least = scores.slice().sort().at(-MOST_TRIED) ?? -1;
    return rows
      .map((i, at) => ({ i, score: scores[at], because: j }))
      .filter(({ score }) => score >= least)
      .sort((a, b) => b.score - a.score || a.i - b.i);
  }

  // Marked paintings take turns, so that two tastes do not blend into a third that one does not
  // have, and that none drowns the other.
  function recommend() {
    const known = new Set(liked);
    const painters = new Set(liked.map((i) => search.painter[i]).filter((p) => p >= 0));
    const onlyNew = byId("other-painters").checked;
    const rows = search.names.map((_, i) => i).filter((i) => !known.has(i) && !(onlyNew && painters.has(search.painter[i])));
    const means = rows.map((i) => liked.reduce((sum, j) => sum + affinity(i, j), 0) / liked.length);
    const queues = liked.map((j) => nearest(j, rows, means));
    const counts = new Map();
    const found = [];
    while (found.length < RECOMMENDED && queues.some((queue) => queue.length)) {
      for (const queue of queues) {
        let one = queue.shift();
        while (one && (known.has(one.i) || counts.get(search.painter[one.i]) >= PER_PAINTER)) one = queue.shift();
        if (!one || found.length >= RECOMMENDED) continue;
        known.add(one.i);
        const painter = search.painter[one.i];
        if (painter >= 0) counts.set(painter, (counts.get(painter) ?? 0) + 1);
        found.push(one);
      }
    }
    return found;
  }

  // Between two paintings: at each step the work nearest to the point that is due on the straight
  // way from one mixture to the other.
  function walk(from, to) {
    const path = [from];
    const used = new Set([from, to]);
    for (let step = 1; step < STEPS; step++) {
      const t = step / STEPS;
      const due = [...roots(from)].map((root, k) => Math.sqrt((1 - t) * root ** 2 + t * roots(to)[k] ** 2));
      let best = -1;
      let most = -1;
      for (let i = 0; i < n; i++) {
        if (used.has(i)) continue;
        const own = roots(i);
        let sum = 0;
        for (let k = 0; k < nStyles; k++) sum += own[k] * due[k];
        if (sum > most) [best, most] = [i, sum];
      }
      if (best < 0) break;
      used.add(best);
      path.push(best);
    }
    return [...path, to];
  }

  function show() {
    showOffer();
    const some = liked.length > 0;
    for (const id of ["liked-section", "for-you-section"]) byId(id).hidden = !some;
    byId("path-section").hidden = liked.length < 2;
    byId("liked").replaceChildren(...liked.map(button));
    if (!some) return;
    const found = recommend();
    byId("for-you").replaceChildren(
      ...found.map(({ i, because }) => item(i, `Shares ${reason(i, because) || "a little of all"} with ${search.titles[because]}`)),
    );
    byId("for-you-said").textContent = found.length
      ? "Compared by mixture of styles, at most three works of one painter."
      : "Nothing is left to recommend.";
    if (liked.length > 1) {
      byId("path").replaceChildren(...walk(liked[0], liked.at(-1)).map((i) => item(i)));
    }
  }

  byId("like-find").addEventListener("input", showOffer);
  byId("like-others").addEventListener("click", () => {
    byId("like-find").value = "";
    offerOthers();
  });
  byId("like-clear").addEventListener("click", () => {
    liked = [];
    remember();
    byId("like-find").focus();
  });
  byId("other-painters").addEventListener("change", remember);
  addEventListener("popstate", recall);
  offerOthers();
  recall();
})();
