// The desk's script: what forms and links do on the whole page of an edition, done in place. Other pages' links and forms
// work by themselves.
import { isDirty } from "/static/morph.js";
import { dismiss, follow, saveTyped, submit } from "/static/swap.js";
import "/static/drag.js";
import "/static/lengths.js";
import "/static/keys.js";
import "/static/live.js";
import "/static/know.js";
import "/static/findings.js";
import "/static/polling.js";
import "/static/views.js";
import "/static/act.js";

// Where the panes stand one below the other, a story that is chosen is gone to.
const NARROW = matchMedia("(max-width: 799px)");

const isEdition = document.querySelector("main[data-revision]") !== null;

document.documentElement.classList.add("js");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!isEdition || form.method !== "post") return;
  event.preventDefault();
  submit(form, event.submitter);
});

// A field that was changed is saved as it is left; the form's button does the same.
document.addEventListener("focusout", (event) => {
  const form = event.target.form;
  if (form?.matches(".line, .fields") && isDirty(event.target)) submit(form, null, { byItself: true });
});

// A line of one line is saved by Enter, and has no line breaks.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("textarea.one-line")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// A choice is made at once.
document.addEventListener("change", (event) => {
  if (event.target.form?.matches(".choice")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!isEdition || !link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (link.origin !== location.origin || link.pathname !== location.pathname || link.hash || link.target || link.download) return;
  event.preventDefault();
  if (link.dataset.dismiss !== undefined) return dismiss(link.closest(".banner"));
  go(link.href);
  if (link.matches(".pick") && NARROW.matches) document.getElementById("story").scrollIntoView();
});

addEventListener("popstate", () => isEdition && go(location.href));

/** Go to another place of this edition; what was typed is saved first. */
function go(address) {
  saveTyped();
  follow(address);
}
