// A click into a value selects the whole of it, and a button beside it copies it.
// Without this script Tab and Ctrl+A do, as everywhere.
"use strict";
for (const event of ["focusin", "click"]) {
  document.addEventListener(event, ({ target }) => {
    if (target.matches(".oauth-value") && target.selectionStart === target.selectionEnd) target.select();
  });
}
const words = document.querySelector("[data-copy]")?.dataset;
if (words && navigator.clipboard) {
  for (const value of document.querySelectorAll(".oauth-value")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button oauth-copy";
    button.textContent = words.copy;
    const label = value.getAttribute("aria-labelledby") ?? value.labels[0]?.id;
    if (label) button.setAttribute("aria-describedby", label);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(value.value);
      button.textContent = words.copied;
      setTimeout(() => (button.textContent = words.copy), 2000);
    });
    value.after(button);
  }
}
