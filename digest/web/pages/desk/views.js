// The email in its frame and the list of stories, kept together: a story that is chosen is scrolled to, and one that
// is clicked on in the email is chosen. A link there opens its page with Ctrl, as ever.
import { follow } from "/static/swap.js";

const LIT_MS = 1500;
const said = (node) => node.textContent.replace(/\s+/g, " ").trim();
const frames = () => [...document.querySelectorAll("[data-frames] iframe")];
const chosen = () => document.querySelector(".stories li.chosen")?.dataset.story ?? "";
let shown = new URLSearchParams(location.search).has("story") ? "" : chosen();
let laidOut = "";

/** Return the headings of an email by the story that each is of. */
function headings(content) {
  const found = new Map([...content.querySelectorAll("h1, h2, h3")].map((one) => [said(one), one]));
  return [...document.querySelectorAll(".stories li[data-story]")]
    .map((one) => ({ id: one.dataset.story, heading: found.get(said(one.querySelector(".pick"))) }))
    .filter((one) => one.heading);
}

function scrollTo(frame, story) {
  const content = frame.contentDocument;
  const heading = content && headings(content).find((one) => one.id === story)?.heading;
  if (!heading) return;
  const room = frame.contentWindow.innerHeight;
  const top = heading.getBoundingClientRect().top + frame.contentWindow.scrollY;
  frame.contentWindow.scrollTo(0, top - room / 4);
  heading.style.outline = "3px solid #1558d6";
  heading.style.outlineOffset = "4px";
  setTimeout(() => heading.style.removeProperty("outline"), LIT_MS);
}

/** Return the story that a place of the email is of: by its link, else by the heading before it. */
function storyAt(content, target) {
  const all = headings(content);
  const address = target.closest("a[href]")?.href;
  const same = address && all.find(({ heading }) => heading.querySelector("a")?.href === address);
  if (same) return same.id;
  return all.filter(({ heading }) => heading.contains(target) || heading.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1)?.id;
}

function choose(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const target = event.target.closest ? event.target : event.target.parentElement;
  const story = storyAt(target.ownerDocument, target);
  const pick = story && document.querySelector(`#in-${CSS.escape(story)} .pick`);
  if (!pick) return;
  event.preventDefault();
  shown = story;
  follow(pick.href);
}

function attend(frame) {
  const content = frame.contentDocument;
  if (!content?.body || content.body.dataset.attended) return;
  content.body.dataset.attended = "yes";
  content.addEventListener("click", choose);
  if (shown !== chosen()) go();
}

function go() {
  shown = chosen();
  for (const frame of frames()) scrollTo(frame, shown);
}

function look() {
  for (const frame of frames()) {
    if (frame.dataset.attended) continue;
    frame.dataset.attended = "yes";
    frame.addEventListener("load", () => attend(frame));
    if (frame.contentDocument?.readyState === "complete") attend(frame);
  }
  const layout = frames().map((one) => one.className).join();
  if (shown !== chosen() || (laidOut && laidOut !== layout)) go();
  laidOut = layout;
}

document.addEventListener("desk:shown", look);
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".compare")) return;
  event.preventDefault();
  follow(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});
look();
