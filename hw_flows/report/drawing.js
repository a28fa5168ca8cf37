
// SPDX-License-Identifier: BSD-3-Clause
// The drawing: a chosen block shows its details, arrow keys go from block to block. Without this script blocks lead to the table.
{
  const panel = document.getElementById("details");
  const blocks = (svg) => [...svg.querySelectorAll("a.block")];
  const show = (block) => {
    for (const each of document.querySelectorAll("a.block.chosen")) each.classList.remove("chosen");
    for (const each of panel.children) if (each.id !== "details-close") each.hidden = true;
    panel.hidden = block === null;
    if (block === null) return;
    block.classList.add("chosen");
    document.getElementById(block.dataset.details).hidden = false;
    panel.scrollTop = 0;
  };
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  for (const svg of panel ? document.querySelectorAll("svg.network") : []) {
    const all = blocks(svg);
    const enter = (block) => {
      for (const each of all) each.setAttribute("tabindex", each === block ? "0" : "-1");
    };
    if (all.length > 0) enter(all[0]);
    all.forEach((block, number) => {
      block.addEventListener("click", (event) => {
        event.preventDefault();
        enter(block);
        show(block.classList.contains("chosen") ? null : block);
      });
      block.addEventListener("keydown", (event) => {
        const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : number + (steps[event.key] ?? NaN);
        if (event.key === " ") {
          event.preventDefault();
          show(block);
        } else if (event.key === "Escape") {
          show(null);
        } else if (all[next]) {
          event.preventDefault();
          enter(all[next]);
          all[next].focus();
          if (!panel.hidden) show(all[next]);
        }
      });
    });
  }
  document.getElementById("details-close")?.addEventListener("click", () => show(null));
  const open = () => {
    const row = /^#r\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
    row?.parentElement.classList.add("open");
    row?.scrollIntoView({ block: "center" });
  };
  window.addEventListener("hashchange", open);
  open();
}
