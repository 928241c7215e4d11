"use strict";
// Finds paintings and painters by the words in the address: search.html?q=monet+lilies

(() => {
  const data = window.ArtStyleNet.search;
  const MOST = 120;

  // Compare without case and accents: "duerer" is not Dürer, but "durer" is.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const haystack = data.titles.map((title, i) =>
    plain([title, data.painters[data.painter[i]] ?? "", data.years[i], data.names[i]].join(" ")),
  );
  const painterHaystack = data.painters.map(plain);

  const query = new URLSearchParams(location.search).get("q") ?? "";
  const input = document.getElementById("find");
  input.value = query;

  const matching = (texts, words) =>
    texts.flatMap((text, i) => (words.every((word) => text.includes(word)) ? [i] : []));

  function painterItem(i) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "face person";
    link.href = data.painterPages[i];
    link.textContent = data.painters[i];
    item.append(link);
    return item;
  }

  function paintingItem(i) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `paintings/${data.names[i]}.html`;
    if (data.thumbs[i]) {
      const image = document.createElement("img");
      image.alt = ""; // the caption says what it is
      image.loading = "lazy";
      image.src = `thumbs/${data.thumbs[i]}/${data.names[i]}.jpg`;
      image.addEventListener("load", () => {
        const ratio = Math.round((100 * image.naturalWidth) / image.naturalHeight);
        item.className = `r${Math.min(350, Math.max(30, ratio))}`;
      });
      item.className = "r100";
      link.append(image);
    } else {
      item.className = "r140";
    }
    const caption = document.createElement("span");
    caption.className = "caption";
    const what = document.createElement("span");
    what.className = "what";
    what.textContent = data.titles[i];
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = [data.painters[data.painter[i]], data.years[i]].filter(Boolean).join(", ");
    caption.append(what, who);
    link.append(caption);
    item.append(link);
    return item;
  }

  function search(text) {
    const words = plain(text).split(/\s+/).filter(Boolean);
    const said = document.getElementById("found");
    const painters = words.length ? matching(painterHaystack, words) : [];
    const paintings = words.length ? matching(haystack, words) : [];
    document.getElementById("found-painters").replaceChildren(...painters.map(painterItem));
    document
      .getElementById("found-paintings")
      .replaceChildren(...paintings.slice(0, MOST).map(paintingItem));
    if (!words.length) {
      said.textContent = "Type a painter, a title or a year.";
    } else {
      const few = paintings.length > MOST ? `, the first ${MOST} shown` : "";
      const noun = paintings.length === 1 ? "painting" : "paintings";
      said.textContent = `${paintings.length.toLocaleString("en")} ${noun} for “${text}”${few}.`;
    }
  }

  input.addEventListener("input", () => search(input.value));
  search(query);
  input.focus();
})();
