// Remember the address that tests go to, in this browser alone; look again while something is being tried.
const KEY = "test-address";
const PAUSE = 700;
let recalled = null;
let timer = 0;

function recall() {
  const field = document.querySelector("[data-remembered]");
  if (!field || field === recalled) return;
  recalled = field;
  field.value = localStorage.getItem(KEY) || field.value;
}

// The answer to a test empties the field: then it is filled in again.
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("[data-remembered]");
  if (!field) return;
  localStorage.setItem(KEY, field.value);
  recalled = null;
});

/** Put in place how far things are; the panel's forms stay, with what is typed in them. */
async function look() {
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const now of document.querySelectorAll("[data-attempt]")) {
    const next = fresh.querySelector(`[data-attempt="${now.dataset.attempt}"]`);
    if (!next || next.outerHTML === now.outerHTML) continue;
    now.toggleAttribute("data-busy", next.hasAttribute("data-busy"));
    now.replaceChildren(...next.childNodes);
  }
}

function watch() {
  recall();
  clearTimeout(timer);
  if (document.querySelector("[data-busy]")) timer = setTimeout(() => look().catch(() => {}).then(watch), PAUSE);
}

document.addEventListener("desk:shown", watch);
watch();
