// SPDX-License-Identifier: BSD-3-Clause
// Tables that sort on a click; groups of operators that fold. Without this script everything is simply shown.
"use strict";
document.documentElement.classList.add("js");

const value = (row, column) => {
  const cell = row.cells[column];
  return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
};

const sorted = (rows, key, direction) =>
  rows
    .map((row) => [key(row), row])
    .sort(([a], [b]) => direction * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true })))
    .map(([, row]) => row);

for (const heading of document.querySelectorAll("th[data-sort]")) {
  heading.addEventListener("click", () => {
    const table = heading.closest("table");
    const column = heading.cellIndex;
    const first = heading.dataset.sort === "number" ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = heading.getAttribute("aria-sort") === first ? other : first;
    const direction = order === "ascending" ? 1 : -1;
    for (const each of table.querySelectorAll("th[aria-sort]")) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
      body.append(...sorted(rows, (row) => value(row, column), direction));
    }
    if (table.tBodies.length > 1) {
      const bodies = sorted([...table.tBodies], (body) => value(body.rows[0], column), direction);
      table.append(...bodies);
    }
  });
}

for (const row of document.querySelectorAll("#operators tr.group")) {
  row.addEventListener("click", () => row.parentElement.classList.toggle("open"));
}

for (const button of document.querySelectorAll("button[data-fold]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const bodies = [...document.getElementById(button.dataset.fold).tBodies];
    const open = bodies.some((body) => !body.classList.contains("open"));
    for (const body of bodies) body.classList.toggle("open", open);
    button.textContent = open ? "Show layers only" : "Show all operators";
  });
}
