// What an editor opens stays open, and the list of what was left out is narrowed as she types.
import { refresh } from "/static/swap.js";

const PAUSE = 150;
const opened = new Map();
let timer = 0;

document.addEventListener("toggle", (event) => {
  if (event.target.matches("details[id]") && event.target.isConnected) opened.set(event.target.id, event.target.open);
}, true);

document.addEventListener("desk:shown", () => {
  for (const [id, open] of opened) {
    const details = document.getElementById(id);
    if (details && details.open !== open) details.open = open;
  }
});

function find() {
  clearTimeout(timer);
  const address = new URL(location.href);
  const words = document.getElementById("find").value;
  if (words === (address.searchParams.get("find") ?? "")) return;
  if (words) address.searchParams.set("find", words);
  else address.searchParams.delete("find");
  history.replaceState({}, "", address);
  refresh();
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "find") return;
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "find-form") return;
  event.preventDefault();
  find();
});
