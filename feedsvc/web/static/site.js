/* Everything works without this file; with it some things are quicker. */
"use strict";

/* Copy and share. <button type="button" hidden data-copy="#field" data-copied="Copied">: copies the field's value or the
   element's text, says so on the button and, politely, to screen readers. <button type="button" hidden
   data-share="address" data-title="…">: the system's own sheet. Where there is no such thing they stay hidden. */
(() => {
  const nav = navigator, copies = document.querySelectorAll("[data-copy]"), shares = document.querySelectorAll("[data-share]");
  if (copies.length && (nav.clipboard || document.execCommand)) {
    const said = document.createElement("p");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    said.setAttribute("aria-live", "polite");
    document.body.append(said);
    const selected = (field) => { // without a secure address there is no clipboard, but the old way
      if (!field.select) return getSelection().selectAllChildren(field), document.execCommand("copy");
      return field.focus(), field.select(), document.execCommand("copy");
    };
    copies.forEach((button) => {
      const label = button.textContent;
      let timer = 0;
      button.hidden = false;
      button.addEventListener("click", async () => {
        const field = document.querySelector(button.dataset.copy);
        const text = "value" in field ? field.value : field.textContent;
        try {
          await nav.clipboard.writeText(text);
        } catch {
          const done = selected(field);
          button.focus();
          if (!done) return;
        }
        button.textContent = said.textContent = button.dataset.copied || "✓";
        clearTimeout(timer);
        timer = setTimeout(() => { button.textContent = label; said.textContent = ""; }, 2500);
      });
    });
  }
  if (nav.share) shares.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => nav.share({ title: button.dataset.title, url: button.dataset.share }).catch(() => {}));
  });
})();

/* Tables wider than the page are moved by the keyboard as well; some browsers see to that themselves. */
document.querySelectorAll(".text table").forEach((table) => {
  if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
});

/* The directory: narrowed while somebody types. <form data-narrow> is asked again as it is; of the answer, each
   [data-part] takes the place of the one here. A tick changes no list, only where the links lead. */
(() => {
  const form = document.querySelector("form[data-narrow]"), field = form?.querySelector("[type=search]");
  if (!field) return;
  let asked = new AbortController(), timer = 0, late = false; // late: the list is not yet of what is typed
  const show = async (url, wanted) => {
    clearTimeout(timer);
    asked.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(url, { signal: asked.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      form.querySelectorAll("[data-part]").forEach((part) => {
        const other = page.querySelector(`[data-part=${part.dataset.part}]`);
        if (other && wanted(part.dataset.part) && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
      });
      if (wanted("list")) late = false;
      history.replaceState(null, "", answer.url);
      document.title = page.title;
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  const narrow = () => {
    const filled = [...new FormData(form)].filter(([, text]) => text.trim());
    show(form.action + (filled.length ? "?" + new URLSearchParams(filled) : ""), () => true);
  };
  const soon = () => {
    late = true;
    clearTimeout(timer);
    timer = setTimeout(narrow, 150);
  };
  field.addEventListener("input", (event) => event.isComposing || soon());
  field.addEventListener("compositionend", soon);
  form.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox") return;
    if (late) return narrow();
    const here = new URL(location);
    here.searchParams.delete("category");
    new FormData(form).getAll("category").forEach((slug) => here.searchParams.append("category", slug));
    show(here, (part) => part !== "list");
  });
})();
