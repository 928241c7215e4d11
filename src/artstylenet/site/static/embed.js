"use strict";
// With ?ui=0 a page shows its content alone, to stand in a frame of another page.

if (new URLSearchParams(location.search).get("ui") === "0") {
  document.documentElement.classList.add("bare");
  // Pages that one goes on to are shown in the same way.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.origin !== location.origin || link.download) return;
    const target = new URL(link.href);
    if (target.protocol === "blob:") return;
    target.searchParams.set("ui", "0");
    link.href = target.href;
  });
}
