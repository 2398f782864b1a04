// Pages that change by themselves: fetched anew every few seconds while they are looked at, changed regions put in place.
const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const seconds = () => Number(document.querySelector("main[data-poll]")?.dataset.poll ?? 0);

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement?.id;
  for (const now of document.querySelectorAll("[data-region]")) {
    const next = fresh.querySelector(`[data-region="${now.dataset.region}"]`);
    if (!next || next.outerHTML === now.outerHTML) continue;
    // A region that is spoken stays in place: only then is a change of it told.
    if (now.getAttribute("role") === "status") now.replaceChildren(...next.childNodes);
    else now.replaceWith(document.adoptNode(next));
  }
  const main = fresh.querySelector("main");
  document.querySelector("main").dataset.poll = main?.dataset.poll ?? "0";
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function watch() {
  while (seconds()) {
    await wait(seconds());
    if (document.visibilityState !== "visible") continue;
    await look().catch(() => {});
  }
}

watch();
