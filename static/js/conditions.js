// Shows a question only while its condition holds: <div data-show-if="field" data-equals="value">.
// Without this file every question is shown and says when to answer it; the server drops what does not apply.
"use strict";

for (const question of document.querySelectorAll("[data-show-if]")) {
  const { showIf, equals } = question.dataset;
  const update = () => {
    const chosen = document.querySelector(`[name="${showIf}"]:checked, select[name="${showIf}"]`);
    question.hidden = chosen?.value !== equals;
  };
  document.addEventListener("change", update);
  addEventListener("pageshow", update);
  update();
}
