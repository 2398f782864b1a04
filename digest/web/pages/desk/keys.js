// Keys: move through the stories and work on them without a mouse. They rest while something is typed.
import { follow } from "/static/swap.js";

const chosen = () => document.querySelector(".stories li.chosen");
const all = () => [...document.querySelectorAll(".stories li[data-story]")];

function go(step) {
  const stories = all();
  const next = stories[stories.indexOf(chosen()) + step];
  if (next) follow(next.querySelector(".pick").href).then(() => chosen()?.scrollIntoView({ block: "nearest" }));
}

function press(selector) {
  document.querySelector(selector)?.click();
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  J: () => press(`#down-${CSS.escape(chosen()?.dataset.story ?? "")}`),
  K: () => press(`#up-${CSS.escape(chosen()?.dataset.story ?? "")}`),
  e: () => document.getElementById("headline")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key] ?? (/^[a-z]$/.test(event.key) ? () => press(`[data-key="${event.key}"]`) : null);
  if (!act) return;
  event.preventDefault();
  act();
});
