// Order by dragging: a story is carried to its new place, within its section or into another one; Escape puts it back.
// A finger drags by the grip, so that the rest of a story still scrolls; a mouse drags by any of it.

const START_PX = 5;
const EDGE_PX = 56;
const SPEED_PX = 14;
let held = null;

const list = () => document.querySelector(".stories");

function begin(event) {
  const story = event.target.closest(".stories li[data-story]");
  const grip = event.target.closest(".grip");
  if (!story || event.button || !document.getElementById("drag-form")) return;
  if (!grip && (event.pointerType !== "mouse" || event.target.closest("button"))) return;
  held = { story, pointer: event.pointerId, x: event.clientX, y: event.clientY, isMoving: false, home: story.nextElementSibling, from: story.parentElement };
  if (grip) event.preventDefault();
}

function move(event) {
  if (!held || event.pointerId !== held.pointer) return;
  if (!held.isMoving) {
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < START_PX) return;
    held.isMoving = true;
    held.story.classList.add("held");
    held.story.setPointerCapture(event.pointerId);
    getSelection()?.removeAllRanges();
  }
  event.preventDefault();
  held.pointerY = event.clientY;
  put(event.clientY);
  if (!held.frame) held.frame = requestAnimationFrame(scroll);
}

/** Put the story where the pointer is: before the first story whose middle lies below it, in the nearest section. */
function put(y) {
  const sections = [...list().querySelectorAll("ol[data-section]")];
  const away = (section) => {
    const box = section.getBoundingClientRect();
    return Math.max(box.top - y, y - box.bottom, 0);
  };
  const section = sections.reduce((best, one) => (away(one) < away(best) ? one : best));
  const others = [...section.children].filter((one) => one !== held.story && one.dataset.story);
  const next = others.find((one) => {
    const box = one.getBoundingClientRect();
    return y < box.top + box.height / 2;
  }) ?? null;
  if (held.story.parentElement !== section || held.story.nextElementSibling !== next) section.insertBefore(held.story, next);
}

/** Scroll on while the story is held near an edge of what scrolls. */
function scroll() {
  if (!held?.isMoving) return;
  held.frame = requestAnimationFrame(scroll);
  const pane = document.getElementById("stories");
  const isOwn = pane.scrollHeight > pane.clientHeight + 1;
  const box = isOwn ? pane.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  const by = held.pointerY < box.top + EDGE_PX ? -SPEED_PX : held.pointerY > box.bottom - EDGE_PX ? SPEED_PX : 0;
  if (!by) return;
  (isOwn ? pane : document.scrollingElement).scrollBy({ top: by, behavior: "instant" });
  put(held.pointerY);
}

function end(event) {
  if (!held || event.pointerId !== held.pointer) return;
  const { story, isMoving, from, home } = held;
  release();
  if (!isMoving) return;
  keepFromClicking();
  if (story.parentElement === from && story.nextElementSibling === home) return;
  const form = document.getElementById("drag-form");
  const stories = [...story.parentElement.children].filter((one) => one.dataset.story);
  form.elements.story.value = story.dataset.story;
  form.elements.section.value = story.parentElement.dataset.section;
  form.elements.position.value = stories.indexOf(story);
  form.requestSubmit();
}

/** The release of a drag is no click on what was dragged. */
function keepFromClicking() {
  const stop = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
}

function cancel() {
  if (!held) return;
  const { story, isMoving, from, home } = held;
  release();
  if (isMoving) from.insertBefore(story, home);
}

function release() {
  cancelAnimationFrame(held.frame);
  held.story.classList.remove("held");
  if (held.story.hasPointerCapture(held.pointer)) held.story.releasePointerCapture(held.pointer);
  held = null;
}

document.addEventListener("pointerdown", begin);
document.addEventListener("pointermove", move);
document.addEventListener("pointerup", end);
document.addEventListener("pointercancel", cancel);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && held) cancel();
});
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.(".stories li[data-story]")) event.preventDefault();
});
