"use strict";
// Names, notes, hidden and merged styles: said to the server, which keeps them beside the atlas.

(() => {
  const box = document.getElementById("curating");
  const said = document.getElementById("curated");
  const DONE = {
    name: "The name is saved.",
    note: "The note is added.",
    hide: "The style is hidden.",
    show: "The style is shown.",
    merge: "The styles are shown as one.",
    undo: "Taken back.",
  };
  const root = document.querySelector("link[rel=icon]").href.replace(/static\/.*$/, "");

  // The page is loaded again after a change, and then says what was done.
  const before = sessionStorage.getItem("curated");
  if (before) {
    sessionStorage.removeItem("curated");
    box.open = true;
    said.textContent = before;
  }

  for (const form of box.querySelectorAll("form")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const values = new FormData(form);
      const { action } = form.dataset;
      const saying = { action };
      if (action !== "undo") saying.style = Number(box.dataset.style);
      if (values.has("text")) saying.text = values.get("text");
      if (values.has("into")) saying.into = Number(values.get("into"));
      try {
        const answer = await fetch(`${root}api/v1/curation`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(saying),
        });
        if (!answer.ok) {
          const { detail } = await answer.json();
          said.textContent = detail;
          return;
        }
      } catch {
        said.textContent = "The explorer does not answer; is it still running?";
        return;
      }
      sessionStorage.setItem("curated", DONE[action]);
      location.reload();
    });
  }
})();
