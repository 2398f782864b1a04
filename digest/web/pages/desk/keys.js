// Keys: move through the stories and work on them without a mouse. They rest while something is typed, and those of a
// single letter can be turned off for good (WCAG 2.1.4).
import { follow, isWaiting, settled } from "/static/swap.js";
import { isTyped } from "/static/morph.js";

const OFF = "desk-keys-off";
let line = Promise.resolve();
let lined = 0;
const chosen = () => document.querySelector(".stories li.chosen");
const all = () => [...document.querySelectorAll(".stories li[data-story]")];
const dialog = () => document.getElementById("keys");
const isOn = () => localStorage.getItem(OFF) === null;

/** Choose a story: it is marked at once, and worked on when the page is there. */
function choose(story) {
  if (!story) return;
  const before = chosen();
  before?.classList.remove("chosen");
  before?.querySelector(".pick").removeAttribute("aria-current");
  story.classList.add("chosen");
  story.querySelector(".pick").setAttribute("aria-current", "true");
  story.scrollIntoView({ block: "nearest" });
  if (document.activeElement?.matches(".pick")) story.querySelector(".pick").focus({ preventScroll: true });
  follow(story.querySelector(".pick").href);
}

function go(step) {
  const stories = all();
  choose(stories[stories.indexOf(chosen()) + step]);
}

function press(selector) {
  document.querySelector(selector)?.click();
}

const step = (way) => press(`#${way}-${CSS.escape(chosen()?.dataset.story ?? "")}`);

function write(id) {
  const field = document.getElementById(id);
  field?.focus();
  field?.scrollIntoView({ block: "nearest" });
}

function listKeys() {
  const box = dialog();
  box.querySelectorAll("[data-found]").forEach((row) => row.remove());
  const known = new Set([...box.querySelectorAll("kbd")].map((one) => one.textContent));
  for (const one of document.querySelectorAll("[data-key]")) {
    if (known.has(one.dataset.key)) continue;
    known.add(one.dataset.key);
    const row = box.querySelector("tbody").insertRow();
    row.dataset.found = "";
    row.insertCell().append(Object.assign(document.createElement("kbd"), { textContent: one.dataset.key }));
    row.insertCell().textContent = one.textContent.trim();
  }
  document.getElementById("keys-on").checked = isOn();
  box.showModal();
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  J: () => step("down"),
  K: () => step("up"),
  e: () => write("headline"),
  b: () => write("text"),
  "?": listKeys,
};

/** Return what a key does with Ctrl or Command, where nothing is typed. */
function withControl(event) {
  const key = event.key.toLowerCase();
  if (key === "z") return () => press(event.shiftKey ? "#redo-" : "#undo-");
  return key === "y" ? () => press("#redo-") : null;
}

function alone(event) {
  if (!isOn()) return null;
  if (/^[1-9]$/.test(event.key)) return () => choose(all()[Number(event.key) - 1]);
  return KEYS[event.key] ?? (/^[a-z]$/.test(event.key) ? () => press(`[data-key="${event.key}"]`) : null);
}

/** Do it when the page shows what the keys before it did: only then do its buttons belong to the chosen story. */
function lineUp(act) {
  lined += 1;
  line = line.then(settled).then(act).finally(() => (lined -= 1));
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || isTyped(event.target) || event.target.closest("select, dialog, [contenteditable]")) return;
  const act = event.ctrlKey || event.metaKey ? withControl(event) : alone(event);
  if (!act) return;
  event.preventDefault();
  if (lined || (isWaiting() && !/^[jkJK1-9]$/.test(event.key))) lineUp(act);
  else act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#show-keys")) listKeys();
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "keys-on") return;
  if (event.target.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
});
