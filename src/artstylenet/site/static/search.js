"use strict";
// Finds paintings and painters by the words in the address: search.html?q=monet+lilies

(() => {
  const site = window.ArtStyleNet;
  const data = site.search;
  const MOST = 120;
  const painterHaystack = data.painters.map((name) => site.words(name).join(" "));

  const query = new URLSearchParams(location.search).get("q") ?? "";
  const input = document.getElementById("find");
  input.value = query;

  function painterItem(i) {
    const item = site.element("li");
    const link = site.element("a", "person", data.painters[i]);
    link.href = data.painterPages[i];
    item.append(link);
    return item;
  }

  function search(text) {
    const words = site.words(text);
    const said = document.getElementById("found");
    const isFound = (name) => words.length && words.every((word) => name.includes(word));
    const painters = painterHaystack.flatMap((name, i) => (isFound(name) ? [i] : []));
    const paintings = words.length ? data.names.flatMap((_, i) => (site.matches(i, words) ? [i] : [])) : [];
    document.getElementById("found-painters").replaceChildren(...painters.map(painterItem));
    document
      .getElementById("found-paintings")
      .replaceChildren(...paintings.slice(0, MOST).map((i) => site.item(i)));
    if (!words.length) {
      said.textContent = "Type a painter, a title or a year.";
    } else {
      const few = paintings.length > MOST ? `, the first ${MOST} shown` : "";
      const noun = paintings.length === 1 ? "painting" : "paintings";
      said.textContent = `${paintings.length.toLocaleString("en")} ${noun} for “${text}”${few}.`;
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
