// A click into a value selects the whole of it. Without this script Tab does, as everywhere.
"use strict";
for (const event of ["focusin", "click"]) {
  document.addEventListener(event, ({ target }) => {
    if (target.matches("input.oauth-value") && target.selectionStart === target.selectionEnd) target.select();
  });
}
