"use strict";
// Asks which of two paintings is more like a third, and tells afterwards what the styles say.

(() => {
  const site = window.ArtStyleNet;
  const { search, mixtures, affinity, label } = site;
  const n = search.names.length;
  const isLive = "live" in document.documentElement.dataset;
  const byId = (id) => document.getElementById(id);
  const trial = byId("trial");
  if (!trial) return;

  const answers = [];
  let question = null;
  let agreed = 0;

  const any = () => Math.floor(Math.random() * n);
  const isOther = (i, j) =>
    i !== j && (search.painter[i] < 0 || search.painter[i] !== search.painter[j]);

  // One that shares much with the anchor and one that shares less, neither by its painter: who
  // knows painters should not be able to tell by that.
  function ask() {
    const anchor = any();
    const others = [];
    for (let tries = 0; tries < 400 && others.length < 40; tries++) {
      const i = any();
      if (isOther(anchor, i) && !others.includes(i)) others.push(i);
    }
    if (others.length < 2) return void (byId("feel-said").textContent = "There are too few paintings to compare.");
    others.sort((a, b) => affinity(anchor, b) - affinity(anchor, a));
    const near = others[Math.floor(Math.random() * Math.ceil(others.length / 10))];
    const far = others[Math.floor(others.length * (0.3 + 0.6 * Math.random()))];
    pose(anchor, Math.random() < 0.5 ? [near, far] : [far, near]);
  }

  function pose(anchor, pair) {
    question = { anchor, pair, near: affinity(anchor, pair[0]) > affinity(anchor, pair[1]) ? pair[0] : pair[1] };
    history.replaceState(null, "", `#ask=${[anchor, ...pair].map((i) => search.names[i]).join("+")}`);
    // Names would answer; they are told afterwards.
    byId("anchor").src = site.thumb(anchor);
    byId("left").querySelector("img").src = site.thumb(pair[0]);
    byId("right").querySelector("img").src = site.thumb(pair[1]);
  }

  // The question in the address, if there is one: who comes back from a painting finds it again.
  function recall() {
    const names = (new URLSearchParams(location.hash.slice(1)).get("ask") ?? "").split(" ");
    const [anchor, ...pair] = names.map((name) => search.names.indexOf(name));
    const isWhole = pair.length === 2 && new Set([anchor, ...pair]).size === 3 && Math.min(anchor, ...pair) >= 0;
    if (isWhole) pose(anchor, pair);
    else ask();
  }

  function answer(side) {
    if (!question) return;
    const { anchor, pair, near } = question;
    const [more, less] = side === 0 ? pair : [...pair].reverse();
    const ids = mixtures.ids;
    const said = { anchor: ids[anchor], more: ids[more], less: ids[less], person: byId("person").value };
    answers.push(said);
    if (more === near) agreed++;
    byId("feel-said").textContent =
      `You ${more === near ? "agree" : "disagree"} with the styles. They were: ${[anchor, ...pair].map(label).join("; ")}.`;
    byId("feel-told").replaceChildren(...[anchor, ...pair].map((i) => site.item(i)));
    byId("tally").textContent = `${answers.length} so far; ${agreed} as the styles have it.`;
    if (isLive) send(said);
    ask();
  }

  async function send(said) {
    try {
      const reply = await fetch("api/v1/judgements", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(said),
      });
      if (!reply.ok) throw new Error((await reply.json()).detail);
    } catch (error) {
      byId("feel-said").textContent = `That answer could not be kept: ${error.message} It can still be saved below.`;
    }
  }

  byId("left").addEventListener("click", () => answer(0));
  byId("right").addEventListener("click", () => answer(1));
  byId("pass").addEventListener("click", ask);
  byId("save").addEventListener("click", () =>
    site.save("judgements.jsonl", "application/jsonl", answers.map((said) => `${JSON.stringify(said)}\n`).join("")),
  );
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowLeft") answer(0);
    if (event.key === "ArrowRight") answer(1);
  });
  recall();
})();
