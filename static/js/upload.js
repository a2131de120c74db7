// Progress and failure of files that htmx sends when they are chosen (templates/components/upload.html).
"use strict";

const slotOf = (event) => event.target.closest?.("[data-upload]")?.closest(".upload");

document.addEventListener("htmx:xhr:progress", (event) => {
  const slot = slotOf(event);
  if (slot && event.detail.lengthComputable)
    slot.querySelector("progress").value = (100 * event.detail.loaded) / event.detail.total;
});

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const words = slotOf(event)?.querySelector("[data-upload-failed]");
    if (!words) return;
    words.textContent = event.target.dataset.failed;
    words.hidden = false;
  });
}
