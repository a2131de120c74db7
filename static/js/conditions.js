// Shows a question only while its condition holds: <div data-show-if="field=value other=value" data-mode="all">.
// Without this file every question is shown and says when to answer it; the server drops what does not apply.
"use strict";

for (const question of document.querySelectorAll("[data-show-if]")) {
  const terms = question.dataset.showIf.trim().split(" ").map((term) => term.split("="));
  const holds = ([field, value]) => {
    const chosen = document.querySelector(`[name="${field}"]:checked, select[name="${field}"]`);
    return chosen?.checkVisibility() && chosen.value === value;
  };
  const update = () => {
    question.hidden = !(question.dataset.mode === "any" ? terms.some(holds) : terms.every(holds));
  };
  document.addEventListener("change", update);
  addEventListener("pageshow", update);
  update();
}
