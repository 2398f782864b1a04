// Preflight beside the places that it concerns. It takes longer than an edit may, so it is asked for once the page has
// come to rest, and what it said before stays until then. The same page stands alone at .../findings.

const PAUSE = 250;
let told = null;
let asked = "";
let timer = 0;

const main = () => document.querySelector("main[data-revision]");
const place = (name) => document.querySelector(`[data-preflight="${name}"]`);
const section = (key) => told.querySelector(`[data-place="${CSS.escape(key)}"]`);

function key() {
  const { revision, generation } = main().dataset;
  return `${location.pathname}findings?revision=${revision}&of=${generation}`;
}

async function ask() {
  const address = key();
  if (address === asked) return;
  asked = address;
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (asked !== address) return;
    told = page;
    place_all();
  } catch {
    asked = "";
  }
}

function list(key, wanted = () => true) {
  const items = [...(section(key)?.querySelectorAll(".found > li") ?? [])].filter(wanted);
  if (!items.length) return null;
  const made = document.createElement("ul");
  made.className = "found";
  made.append(...items.map((item) => document.importNode(item, true)));
  return made;
}

function headed(level, words, content) {
  const heading = document.createElement(level);
  heading.textContent = words;
  return [heading, content];
}

function fill(target, children) {
  const holder = document.createElement("div");
  holder.append(...children);
  if (target && target.innerHTML !== holder.innerHTML) target.replaceChildren(...holder.childNodes);
}

function beside(field) {
  const input = document.getElementById(field);
  const id = `${field}-found`;
  document.getElementById(id)?.remove();
  const made = list(field);
  if (!input || !made) return;
  made.id = id;
  input.after(made);
  const described = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  input.setAttribute("aria-describedby", [...described.add(id)].join(" "));
}

/** Fold the findings of a place away below its name, unless one of them is an error. */
function folded(key) {
  const { words, worst } = section(key).dataset;
  const made = document.createElement("details");
  made.id = `preflight-${key}`;
  made.open = document.getElementById(made.id)?.open ?? worst === "error";
  const summary = document.createElement("summary");
  const count = Object.assign(document.createElement("span"), { className: "quiet", textContent: words });
  summary.append(...headed("h3", section(key).querySelector("h2").textContent, " "), count);
  made.append(summary, list(key));
  return made;
}

function mark(story) {
  story.querySelector(".mark")?.remove();
  const found = section(`story-${story.dataset.story}`);
  if (!found) return;
  const made = document.createElement("span");
  made.className = `mark ${found.dataset.worst}`;
  made.textContent = found.dataset.words;
  story.querySelector(".quiet")?.append(" ", made);
}

function place_all() {
  if (!told || !main()) return;
  const count = place("count");
  const words = told.getElementById("preflight-count").textContent;
  const link = count?.querySelector("a");
  if (link && count.dataset.said !== words) {
    link.textContent = "All of it on a page";
    count.dataset.said = words;
    count.replaceChildren(`${words} `, link);
  }
  beside("subject");
  beside("preheader");
  const rest = ["links", "pictures", "email"].filter(section);
  fill(place("rest"), rest.map(folded));
  const chosen = document.querySelector("li.chosen[data-story]")?.dataset.story ?? "";
  const own = list(`story-${chosen}`, (item) => item.dataset.told === undefined);
  fill(place("story"), own ? headed("h3", "Preflight", own) : []);
  document.querySelectorAll("li[data-story]").forEach(mark);
}

function soon() {
  place_all();
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

if (main() && place("count")) {
  document.addEventListener("desk:shown", soon);
  ask();
}
