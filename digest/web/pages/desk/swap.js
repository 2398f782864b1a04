// Send forms and fetch pages one after the other, and put in place what has changed of the page. Regions are elements
// with `data-region`; a frame is never replaced, so that what is looked at stays where it was scrolled to until its new
// content is there. Each form is sent on the revision it was filled in on, or on what this window has made of that.
import { isDirty, morph } from "/static/morph.js";

const SAVED = ".line, .fields";
const SAID_MS = 4000;
const own = new Map();
const sending = new Map();
const refused = new WeakMap();
let queue = Promise.resolve();
let waiting = 0;
let isOwed = false;
let quiet = 0;

const main = () => document.querySelector("main[data-revision]");
const search = (text) => String(new URLSearchParams(text));

/** Return what this window alone has made of a revision. */
function made(revision) {
  let newest = String(revision);
  while (own.has(newest)) newest = own.get(newest);
  return newest;
}

function count(more) {
  waiting += more;
  document.documentElement.toggleAttribute("data-waiting", waiting > 0);
}

function enqueue(work) {
  count(1);
  queue = queue.then(work).catch(tell).finally(() => {
    count(-1);
    if (!waiting && isOwed) refresh();
  });
  return queue;
}

/** Send a form. One whose words are being saved is not sent again, nor by itself where they were refused. */
export function submit(form, submitter, { byItself = false } = {}) {
  const fields = new URLSearchParams(new FormData(form, submitter));
  const sent = String(fields);
  if (form.matches(SAVED) && (sending.get(form) === sent || (byItself && refused.get(form) === sent))) return queue;
  const path = form.action;
  const back = search(fields.get("back") ?? "");
  const wasHere = back === search(main()?.dataset.place ?? "");
  const rest = working(submitter);
  sending.set(form, sent);
  return enqueue(async () => {
    try {
      if (fields.get("revision")) fields.set("revision", made(fields.get("revision")));
      if (fields.has("back") && wasHere) fields.set("back", search(location.search));
      fields.set("at-once", "yes");
      const answer = await fetch(path, { method: "POST", body: fields });
      await answered(answer, { form, fields, sent });
    } finally {
      if (sending.get(form) === sent) sending.delete(form);
      rest();
    }
  });
}

async function answered(answer, { form, fields, sent }) {
  const text = await answer.text();
  const fresh = /<main[^>]*\sdata-revision="(\d+)"/.exec(text)?.[1];
  const base = fields.get("revision");
  if (answer.ok && base && fresh && Number(fresh) === Number(base) + 1) own.set(base, fresh);
  if (answer.ok) refused.delete(form);
  else refused.set(form, sent);
  // Words that were refused stay to be mended; a field that may not be empty shows again what it held.
  const isSettled = (value) => answer.ok || answer.status === 409 || !value.trim();
  const accepted = new Set([...form.elements].filter((field) => fields.get(field.name) === field.value && isSettled(field.value)));
  const isLast = waiting === 1;
  moved(answer.headers.get("Content-Location") ?? (answer.redirected ? answer.url : location.href));
  const banner = form.closest(".banner");
  if (answer.ok && !isLast) {
    if (banner?.isConnected) dismiss(banner);
    return settle(accepted);
  }
  show(answer, text, { accepted, released: banner });
  if (answer.ok) say(done(new URL(form.action).pathname, fields.get("do")));
}

/** Return what was done, in words: an edit by its name, a step by what comes next. What is tried tells of itself. */
function done(path, what) {
  if (path.endsWith("/state")) return document.querySelector('[data-region="next"]')?.textContent.trim();
  if (!/\/(edit|include)$/.test(path)) return "";
  if (what === "undo") return document.getElementById("redo-")?.title.replace(/^Redo: /, "Undone: ");
  return document.getElementById("undo-")?.title.replace(/^Undo: /, "Done: ");
}

/** Take words as saved that a later answer will show. */
function settle(fields) {
  isOwed = true;
  for (const field of fields) if (isDirty(field)) field.defaultValue = field.value;
}

function moved(address) {
  const { pathname, href } = new URL(address, location.href);
  if (pathname === location.pathname && href !== location.href) history.replaceState({}, "", href);
}

/** Show the page at an address of this edition, or what waits behind that in this window. */
export function follow(address, { keepsHistory = false, unless = () => false } = {}) {
  return enqueue(async () => {
    if (unless()) return;
    if (!keepsHistory && new URL(address, location.href).href !== location.href) history.pushState({}, "", address);
    isOwed = waiting > 1;
    if (isOwed) return;
    const answer = await fetch(location.href);
    const text = await answer.text();
    isOwed = waiting > 1;
    if (!isOwed) show(answer, text);
  });
}

/** Show the page as it is now. */
export function refresh({ unless } = {}) {
  return follow(location.href, { keepsHistory: true, unless });
}

/** Save what was typed and not yet saved. */
export function saveTyped() {
  for (const form of document.querySelectorAll(SAVED)) {
    if ([...form.elements].some(isDirty)) submit(form, null, { byItself: true });
  }
}

/** Wait until nothing is being sent or fetched. */
export async function settled() {
  while (waiting) await queue;
}

export const isWaiting = () => waiting > 0;

/** Say whether something is still to be saved. */
export const isBusy = () => waiting > 0 || [...document.querySelectorAll(SAVED)].some((form) => [...form.elements].some(isDirty));

function show(answer, text, { accepted, released } = {}) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const next = fresh.querySelector("main[data-revision]");
  if (!next) {
    if (answer.ok) return void location.assign(answer.url);
    throw new Error(fresh.querySelector("main p")?.textContent ?? `it answers ${answer.status}`);
  }
  isOwed = false;
  const isForeign = made(main().dataset.revision) !== next.dataset.revision;
  const focused = document.activeElement;
  for (const seats of document.querySelectorAll("[data-frames]")) seat(seats, fresh.querySelector("[data-frames]"));
  for (const frame of document.querySelectorAll("iframe[data-frame]")) {
    const other = fresh.querySelector(`iframe[data-frame="${frame.dataset.frame}"]`);
    if (other && other.getAttribute("src") !== frame.getAttribute("src")) load(frame, other);
    if (other) frame.className = other.className;
  }
  for (const region of document.querySelectorAll("[data-region]")) {
    const other = fresh.querySelector(`[data-region="${region.dataset.region}"]`);
    if (!other) continue;
    if (region.dataset.region === "told") tellAll(region, other, released);
    else morph(region, document.adoptNode(other), { accepted, isForeign });
  }
  document.title = fresh.title;
  Object.assign(main().dataset, next.dataset);
  focus(focused);
  document.dispatchEvent(new CustomEvent("desk:shown"));
}

/** Keep the focus where it was, or on what stands in the place of a button that is gone. */
function focus(before) {
  if (!before || before === document.body || document.activeElement === before) return;
  const again = (before.id && document.getElementById(before.id)) || (before.dataset.key && document.querySelector(`[data-key="${before.dataset.key}"]`));
  (again || document.querySelector(".stories li.chosen .pick"))?.focus({ preventScroll: true });
}

/** Show what there is to tell; what was typed and refused before stays until it is applied or let go. */
function tellAll(region, next, released) {
  const kept = [...region.querySelectorAll(".banner")].filter((one) => one !== released && one.querySelector("[data-again]"));
  const fresh = [...next.children];
  if (!fresh.length && kept.length === region.children.length) return;
  if (fresh.length) kept.forEach((one) => one.querySelectorAll("[id]").forEach((named) => named.removeAttribute("id")));
  region.replaceChildren(...fresh.map((one) => document.adoptNode(one)), ...kept);
  region.hidden = !region.children.length;
}

/** Let go of what was told. */
export function dismiss(banner) {
  const region = banner.closest("[data-region]");
  banner.remove();
  region.hidden = !region.children.length;
}

/** Put other frames in the place of those that are shown, where another view shows others. */
function seat(now, next) {
  const names = (box) => [...box.querySelectorAll("iframe")].map((one) => one.dataset.frame).join();
  if (next && names(now) !== names(next)) now.replaceWith(document.adoptNode(next));
}

function load(frame, next) {
  const top = frame.contentDocument?.scrollingElement?.scrollTop ?? 0;
  frame.addEventListener("load", () => frame.contentDocument?.scrollingElement?.scrollTo(0, top), { once: true });
  frame.src = next.getAttribute("src");
}

/** Show that what a button began is at work; return what ends that. */
function working(button) {
  const words = button?.dataset.working;
  if (!words) return () => {};
  const before = button.textContent;
  button.textContent = words;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  say(words);
  return () => {
    button.textContent = before;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  };
}

/** Say what was done, to those who hear the page, and for a while to those who see it. */
function say(words) {
  const status = document.getElementById("saying");
  if (!status || !words) return;
  status.textContent = words;
  status.classList.remove("sr");
  clearTimeout(quiet);
  quiet = setTimeout(() => status.classList.add("sr"), SAID_MS);
}

function tell(error) {
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.setAttribute("role", "alert");
  banner.textContent = `The desk could not do that (${error.message}). What you typed is still here; try again.`;
  const region = document.querySelector('[data-region="told"]');
  region.querySelectorAll(".banner:not(:has([data-again]))").forEach((one) => one.remove());
  region.prepend(banner);
  region.hidden = false;
}

addEventListener("beforeunload", (event) => {
  if (!isBusy()) return;
  saveTyped();
  event.preventDefault();
});
