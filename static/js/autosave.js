// <form data-autosave="URL" data-autosave-failed="words"> posts itself (without files) two seconds after the
// last change and when the page is left. The answer's text is shown in [data-autosave-status].
"use strict";

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = document.querySelector("[data-autosave-status]");
  let timer = 0;
  let changed = false;

  const save = async (keepalive = false) => {
    clearTimeout(timer);
    if (!changed || form.dataset.sending) return;
    changed = false;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: data,
        keepalive,
        redirect: "error", // a redirect means: logged out
        headers: { "X-Requested-With": "autosave" },
      });
      if (!answer.ok) throw new Error(answer.status);
      const words = await answer.text();
      if (status) status.textContent = words;
    } catch {
      changed = true;
      if (status) status.textContent = form.dataset.autosaveFailed ?? "";
    }
  };

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, 2000);
  });
  document.addEventListener("visibilitychange", () => document.hidden && save(true));
}
