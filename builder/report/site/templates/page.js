// Copying, and on the front page filters, views and the answer to "which image runs here". No framework, no network.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The second way is for pages that are no secure context; a browser may refuse both.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };

  // A button keeps its name, so what came of it is said elsewhere to those who do not see it; emptied first, for
  // the same words twice are no news.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const said = document.getElementById("said");
    const what = button.getAttribute("aria-label").replace(/^Copy /, "");
    said.textContent = "";
    const done = await copy(button.dataset.copy);
    button.focus();
    button.textContent = done ? "copied" : "not copied";
    said.textContent = done ? `Copied ${what}.` : `The browser did not let ${what} be copied.`;
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });

  const filters = document.getElementById("filters");
  if (!filters) return;

  const search = document.getElementById("search");
  const gpu = document.getElementById("gpu");
  const only = document.getElementById("only");
  const driver = document.getElementById("driver");
  const answer = document.getElementById("answer");
  const count = document.getElementById("count");
  const list = document.getElementById("list");
  // What runs where, and the rows of the list: null and none until `family.js` has come.
  let fits = null;
  let rows = [];
  const cells = new Map(all("#grid .cell").map((cell) => [cell.dataset.name, cell]));
  const boxes = all("input[type=checkbox]", filters);
  const views = all("[data-view]");

  const shown = (row, chosen, words) =>
    Object.entries(chosen).every(([axis, values]) => row.dataset[axis].split(" ").some((v) => values.has(v))) &&
    words.every((word) => row.dataset.text.toLowerCase().includes(word));

  // The answer for an image: null where none was asked for, else [layer, why, fix] with an empty layer where it runs.
  const fit = (name) => {
    const machine = fits.sizes[gpu.value] ?? fits.gpus[gpu.value]?.[driver.value];
    if (machine === undefined) return null;
    const kinds = fits.images[name] ?? {};
    const arch = fits.architectures[machine];
    if (!(arch in kinds)) return ["machine", `it has no image for ${arch}`, ""];
    return fits.answers[fits.verdicts[machine][kinds[arch]]];
  };

  const say = (element, verdict) => {
    const why = verdict?.[0] ? `${verdict[1]}. ${verdict[2]}`.trim() : "";
    if (element.title === why) return;
    element.classList.toggle("out", Boolean(why));
    element.title = why;
    for (const told of all(".no", element)) told.textContent = why;
  };

  const update = () => {
    if (!fits) return;
    const chosen = {};
    for (const box of boxes) if (box.checked) (chosen[box.name] ??= new Set()).add(box.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    let out = 0;
    let fitting = 0;
    for (const row of rows) {
      const verdict = fit(row.dataset.name);
      const visible = shown(row, chosen, words) && !(only.checked && verdict?.[0]);
      const cell = cells.get(row.dataset.name);
      row.hidden = !visible;
      say(row, verdict);
      if (cell) { cell.hidden = !visible; say(cell, verdict); }
      left += visible;
      if (!shown(row, chosen, words) || !["published", "retired"].includes(row.dataset.state)) continue;
      out += 1;
      fitting += verdict && !verdict[0];
    }
    for (const line of all("#grid tr:has(td)")) line.classList.toggle("bare", !line.querySelector(".cell:not([hidden])"));
    for (const body of all("#grid tbody")) body.hidden = !body.querySelector(".cell:not([hidden])");
    count.textContent = `${left} of ${rows.length} images`;
    document.getElementById("empty").hidden = left > 0;
    driver.disabled = gpu.value in fits.sizes;
    answer.textContent = told(out, fitting);
    remember(chosen, words);
  };

  const told = (out, fitting) => {
    if (!gpu.value) return "Choose a GPU or a size: images that do not run on it step back, and say why.";
    if (fit(rows[0]?.dataset.name) === null) return "That one is not known. Pick one from the list.";
    if (!fitting) return `None of the ${out} published images runs on it. Each says why.`;
    if (fitting === out) return `All ${out} published images run on it.`;
    return `${fitting} of ${out} published images run on it. The others say why they do not.`;
  };

  // The choice lives in the address, so that it can be sent to somebody.
  const remember = (chosen, words) => {
    const state = new URLSearchParams();
    for (const [axis, values] of Object.entries(chosen)) state.set(axis, [...values].join(","));
    if (words.length) state.set("search", words.join(" "));
    if (gpu.value) state.set("gpu", gpu.value);
    if (driver.value) state.set("driver", driver.value);
    if (only.checked) state.set("only", "1");
    if (view !== "grid") state.set("view", view);
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
  };

  let view = "grid";
  const show = (name) => {
    view = name;
    document.querySelector(".key-line").hidden = name !== "grid";
    for (const button of views) {
      button.setAttribute("aria-pressed", String(button.dataset.view === name));
      document.getElementById(button.dataset.view).hidden = button.dataset.view !== name;
    }
  };

  const recall = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const box of boxes) box.checked = (state.get(box.name) ?? "").split(",").includes(box.value);
    search.value = state.get("search") ?? "";
    gpu.value = state.get("gpu") ?? "";
    driver.value = state.get("driver") ?? "";
    only.checked = state.has("only");
    const narrow = matchMedia("(max-width: 40rem)").matches;
    document.querySelector(".axes").open = !narrow || boxes.some((box) => box.checked);
    show(state.get("view") ?? (narrow ? "list" : "grid"));
    update();
  };

  for (const form of all("form")) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", update);
    form.addEventListener("reset", () => setTimeout(update));
  }
  document.getElementById("relax").addEventListener("click", () => filters.reset());
  for (const button of views) button.addEventListener("click", () => { show(button.dataset.view); update(); });
  addEventListener("hashchange", recall);
  recall();

  // Rows and answers are most of all bytes: they come when the page stands, which is before anybody can ask. So does
  // what is below the first screen, which a browser that runs scripts has read as text so far.
  addEventListener("load", () => {
    const below = document.getElementById("below");
    below.outerHTML = below.textContent;
    const script = Object.assign(document.createElement("script"), { src: "family.js" });
    script.addEventListener("load", () => {
      fits = FAMILY.fits;
      list.innerHTML = FAMILY.list;
      rows = all("tbody tr", list);
      const names = [...Object.keys(fits.gpus), ...Object.keys(fits.sizes)];
      document.getElementById("machines").append(...names.map((name) => new Option("", name)));
      update();
    });
    script.addEventListener("error", () => {
      show("grid");
      for (const field of [...views, ...all("form").flatMap((form) => [...form.elements])]) field.disabled = true;
      answer.textContent = count.textContent = "The file family.js, which belongs beside this page, cannot be read.";
    });
    document.head.append(script);
  });
})();
