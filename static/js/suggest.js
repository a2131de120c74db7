// <input data-suggest="URL" data-suggest-label="words">: a list of what fits while somebody types (WAI-ARIA
// combobox). The server answers with <li role="option">; choosing one searches for it. Without this file, or
// when the server does not answer, it is a plain search field.
"use strict";

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  let timer = 0;
  let asked = null;

  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestLabel);
  input.after(list);
  input.autocomplete = "off";
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  }))
    input.setAttribute(name, value);

  const current = () => list.querySelector('[aria-selected="true"]');

  const mark = (option) => {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const show = (open) => {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) mark(null);
  };

  const ask = async () => {
    asked?.abort();
    const words = input.value.trim();
    if (!words) return show(false);
    asked = new AbortController();
    try {
      const url = `${input.dataset.suggest}?q=${encodeURIComponent(words)}`;
      const answer = await fetch(url, { signal: asked.signal, redirect: "error" });
      if (!answer.ok) return show(false);
      list.innerHTML = await answer.text();
      list.querySelectorAll('[role="option"]').forEach((option, n) => (option.id = `${list.id}-${n}`));
      show(list.childElementCount > 0 && document.activeElement === input);
    } catch (error) {
      if (error.name !== "AbortError") show(false);
    }
  };

  const choose = (option) => {
    input.value = option.textContent.trim();
    show(false);
    input.form.requestSubmit();
  };

  const step = (forward) => {
    const options = [...list.children];
    const at = options.indexOf(current());
    const next = forward ? at + 1 : at < 0 ? options.length - 1 : at - 1;
    mark(options[next] ?? null);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to the input method
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && list.childElementCount) {
      event.preventDefault();
      if (list.hidden) show(true);
      step(event.key === "ArrowDown");
    } else if (event.key === "Enter" && !list.hidden && current()) {
      event.preventDefault();
      choose(current());
    }
  });
  input.addEventListener("blur", () => show(false));
  input.form.addEventListener("submit", () => asked?.abort());
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) choose(option);
  });
}
