// Fetch the page anew and put in place what has changed of it. Regions are elements with `data-region`; a frame is
// never replaced, so that what is looked at stays where it was scrolled to until its new content is there.

let turn = 0;
let queue = Promise.resolve();

/** Send a form; forms are sent one after the other, each on the revision that the one before gave. */
export function submit(form, submitter) {
  const fields = new URLSearchParams(new FormData(form, submitter));
  const path = form.action;
  const here = document.querySelector("main").dataset.revision;
  const base = fields.get("revision");
  queue = queue.then(async () => {
    const now = document.querySelector("main").dataset.revision;
    if (base && base === here) fields.set("revision", now);
    await show(await fetch(path, { method: "POST", body: fields }));
  }).catch(tell);
  return queue;
}

/** Show the page at an address of this edition. */
export async function follow(address, { keepsHistory = false } = {}) {
  try {
    const answer = await fetch(address);
    if (!keepsHistory && answer.url !== location.href) history.pushState({}, "", answer.url);
    await show(answer);
  } catch (error) {
    tell(error);
  }
}

/** Show the page as it is now. */
export function refresh() {
  return follow(location.href, { keepsHistory: true });
}

async function show(answer) {
  const mine = ++turn;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== turn) return;
  if (!fresh.querySelector("main[data-revision]")) return void location.assign(answer.url);
  const focused = document.activeElement;
  const typed = focused?.matches("input, textarea") && focused.value !== focused.defaultValue ? focused.value : null;
  for (const now of document.querySelectorAll("[data-region]")) {
    const next = fresh.querySelector(`[data-region="${now.dataset.region}"]`);
    if (next && next.outerHTML !== now.outerHTML) now.replaceWith(document.adoptNode(next));
  }
  for (const now of document.querySelectorAll("[data-frames]")) seat(now, fresh.querySelector("[data-frames]"));
  for (const now of document.querySelectorAll("iframe[data-frame]")) {
    const next = fresh.querySelector(`iframe[data-frame="${now.dataset.frame}"]`);
    if (next && next.getAttribute("src") !== now.getAttribute("src")) load(now, next);
    if (next) now.className = next.className;
  }
  document.title = fresh.title;
  Object.assign(document.querySelector("main").dataset, fresh.querySelector("main").dataset);
  if (focused?.id && !focused.isConnected) {
    const again = document.getElementById(focused.id);
    if (again && typed !== null) again.value = typed;
    again?.focus({ preventScroll: true });
    if (again?.setSelectionRange && focused.selectionStart !== null) again.setSelectionRange(focused.selectionStart, focused.selectionEnd);
  }
  document.dispatchEvent(new CustomEvent("desk:shown"));
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

function tell(error) {
  const place = document.querySelector('[data-region="told"]');
  place.hidden = false;
  place.className = "banner";
  place.setAttribute("role", "alert");
  place.textContent = `The desk does not answer (${error.message}). What you typed is still here; try again.`;
}
