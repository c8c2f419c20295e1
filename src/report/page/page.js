"use strict";
// The table: a click on a heading sorts, words and comparisons filter.
const table = document.getElementById("runs");
if (table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const value = (row, at) => {
    const cell = row.cells[at];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
  };
  const natural = new Intl.Collator("en", { numeric: true });
  const order = (a, b) => {
    if (typeof a === typeof b) return typeof a === "number" ? a - b : natural.compare(a, b);
    return typeof a === "number" ? -1 : 1;
  };
  heads.forEach((head, at) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sorted = rows.map((row, place) => [row, place]).sort(
        ([a, first], [b, second]) => (down ? -1 : 1) * order(value(a, at), value(b, at)) || first - second);
      body.append(...sorted.map(([row]) => row));
    });
  });

  const named = (name) => {
    const key = name.trim().toLowerCase();
    const names = heads.map((head) => [head.dataset.name.toLowerCase(), head.textContent.trim().toLowerCase()]);
    const exact = names.findIndex((both) => both.includes(key));
    return exact >= 0 ? exact : names.findIndex((both) => both.some((known) => known.startsWith(key)));
  };
  const compare = { "<": (o) => o < 0, "<=": (o) => o <= 0, ">": (o) => o > 0, ">=": (o) => o >= 0,
    "=": (o) => o === 0, "!=": (o) => o !== 0 };
  const test = (word) => {
    const parts = word.match(/^([^<>=!]+)(<=|>=|!=|=|<|>)(.+)$/);
    const at = parts ? named(parts[1]) : -1;
    if (at < 0) return (row) => row.textContent.toLowerCase().includes(word.toLowerCase());
    const number = Number(parts[3]);
    return (row) => {
      const found = value(row, at);
      const wanted = typeof found === "number" && !Number.isNaN(number) ? number : parts[3];
      if (typeof found !== typeof wanted) return parts[2] === "!=";
      return compare[parts[2]](order(found, wanted));
    };
  };
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const show = () => {
    const tests = filter.value.split(/\s+/).filter(Boolean).map(test);
    let left = 0;
    for (const row of rows) {
      row.hidden = !tests.every((passes) => passes(row));
      left += row.hidden ? 0 : 1;
    }
    count.textContent = `${left} of ${rows.length} rows`;
  };
  filter.addEventListener("input", show);
  show();
}

// Pictures: what is pointed at says its values; with the keyboard, arrows go from mark to mark.
const tip = document.getElementById("tip");
let here = null;
const leave = () => {
  here?.classList.remove("here");
  here = null;
  tip.hidden = true;
};
const point = (spot) => {
  leave();
  here = spot;
  spot.classList.add("here");
  tip.textContent = spot.dataset.says;
  tip.hidden = false;
  const box = spot.getBoundingClientRect();
  const left = Math.min(box.left + box.width / 2 + 10, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const above = box.top - tip.offsetHeight - 6;
  tip.style.left = `${Math.max(8, left) + scrollX}px`;
  tip.style.top = `${(above > 0 ? above : box.bottom + 6) + scrollY}px`;
};
for (const picture of document.querySelectorAll("figure [role=img]")) {
  const spots = [...picture.querySelectorAll(".spot")];
  for (const spot of spots) {
    // The browser's own tip would lie over this one.
    const title = spot.querySelector("title");
    spot.dataset.says = title.textContent;
    spot.setAttribute("aria-label", title.textContent);
    title.remove();
    spot.addEventListener("pointerenter", () => point(spot));
    spot.addEventListener("pointerleave", leave);
  }
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") leave();
    if (!step || !spots.length) return;
    event.preventDefault();
    const at = spots.indexOf(here);
    point(spots[at < 0 ? (step > 0 ? 0 : spots.length - 1) : (at + step + spots.length) % spots.length]);
  });
  picture.addEventListener("blur", leave);
}
