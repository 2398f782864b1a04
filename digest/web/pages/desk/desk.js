// The desk's script: what forms and links do on the whole page, done in place.
import { follow, submit } from "/static/swap.js";
import "/static/keys.js";
import "/static/live.js";
import "/static/polling.js";
import "/static/views.js";
import "/static/know.js";
import "/static/findings.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.plain !== undefined) return;
  event.preventDefault();
  submit(form, event.submitter);
});

// A field that was changed is saved as it is left; the form's button does the same.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches(".line, .fields, .choice")) form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (link.origin !== location.origin || link.pathname !== location.pathname || link.hash || link.target || link.download) return;
  event.preventDefault();
  follow(link.href);
});

addEventListener("popstate", () => follow(location.href, { keepsHistory: true }));
