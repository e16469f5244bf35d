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
