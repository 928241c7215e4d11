"use strict";
// Finds paintings and painters by the words in the address: search.html?q=monet+lilies
// In the page itself, or, of a collection that no page can hold, by asking the explorer.

(() => {
  const site = window.ArtStyleNet;
  const data = site.search;
  const MOST = 120;
  const PAUSE = 200; // milliseconds without a key before the explorer is asked
  const said = document.getElementById("found");
  const asksServer = "asksServer" in said.dataset;
  const painterHaystack = asksServer ? [] : data.painters.map((name) => site.words(name).join(" "));

  const query = new URLSearchParams(location.search).get("q") ?? "";
  const input = document.getElementById("find");
  input.value = query;

  function painterItem({ name, page }) {
    const item = site.element("li");
    const link = site.element("a", "person", name);
    link.href = page;
    item.append(link);
    return item;
  }

  function findHere(text) {
    const words = site.words(text);
    const isFound = (name) => words.every((word) => name.includes(word));
    const painters = painterHaystack.flatMap((name, i) =>
      isFound(name) ? [{ name: data.painters[i], page: data.painterPages[i] }] : [],
    );
    const rows = data.names.flatMap((_, i) => (site.matches(i, words) ? [i] : []));
    show(text, rows.length, painters, rows.slice(0, MOST).map((i) => site.item(i)));
  }

  let asked = 0;
  async function ask(text) {
    const mine = ++asked;
    try {
      const answer = await fetch(`api/v1/search?${new URLSearchParams({ q: text, n: MOST })}`);
      const found = await answer.json();
      if (mine !== asked) return; // more has been typed
      if (answer.ok) show(text, found.total, found.painters, found.paintings.map((work) => site.itemOf(work)));
      else said.textContent = found.detail;
    } catch {
      said.textContent = "The explorer does not answer; is it still running?";
    }
  }

  function show(text, total, painters, items) {
    document.getElementById("found-painters").replaceChildren(...painters.map(painterItem));
    document.getElementById("found-paintings").replaceChildren(...items);
    const few = total > MOST ? `, the first ${MOST} shown` : "";
    const noun = total === 1 ? "painting" : "paintings";
    said.textContent = `${total.toLocaleString("en")} ${noun} for “${text}”${few}.`;
  }

  let soon = 0;
  function search(text) {
    clearTimeout(soon);
    asked++;
    if (!site.words(text).length) {
      show(text, 0, [], []);
      said.textContent = "Type a painter, a title or a year.";
    } else if (asksServer) {
      soon = setTimeout(() => ask(text), PAUSE);
    } else {
      findHere(text);
    }
  }

  input.addEventListener("input", () => {
    const said = new URLSearchParams(location.search);
    said.set("q", input.value);
    history.replaceState(null, "", `?${said}`);
    search(input.value);
  });
  search(query);
  input.focus();
})();
