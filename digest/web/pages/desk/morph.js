// Make an element like a new one by changing only what differs: what is focused, typed or opened stays.

const TYPED = 'textarea, input:not([type]), input[type="text"], input[type="email"], input[type="search"], input[type="time"], input[type="datetime-local"]';

export const isTyped = (field) => field.matches(TYPED);
export const isDirty = (field) => isTyped(field) && field.value !== field.defaultValue;

/**
 * Change `now` into `next`. `accepted` are fields whose words were saved or refused: they take what the new page says;
 * the others keep what was typed. A form in which something was typed over words that someone else has changed by now
 * is left as it is where `isForeign`: with the revision it was filled in on, it will be told so when it is saved.
 */
export function morph(now, next, { accepted = new Set(), isForeign = false } = {}) {
  const how = { accepted, isForeign };
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName) return void now.replaceWith(next);
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.nodeValue !== next.nodeValue) now.nodeValue = next.nodeValue;
    return;
  }
  if (now.nodeName === "FORM" && isForeign && isOvertaken(now, next, accepted)) return;
  const typed = isDirty(now) && !accepted.has(now) ? now.value : null;
  attributes(now, next);
  if (now.nodeName !== "TEXTAREA") children(now, next, how);
  else if (now.defaultValue !== next.defaultValue) now.defaultValue = next.defaultValue;
  if (isTyped(now)) {
    const value = typed ?? now.defaultValue;
    if (now.value !== value) now.value = value;
  } else if (now.nodeName === "INPUT") now.checked = now.defaultChecked;
  else if (now.nodeName === "SELECT") now.value = next.value;
}

function isOvertaken(now, next, accepted) {
  const fields = [...now.elements].filter((field) => isDirty(field) && !accepted.has(field));
  return fields.some((field) => (next.elements.namedItem(field.name)?.defaultValue ?? field.defaultValue) !== field.defaultValue);
}

function attributes(now, next) {
  for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !(name === "open" && now.nodeName === "DETAILS")) now.removeAttribute(name);
  }
}

/** Say whether there may be more to it than its markup tells. */
function holdsFields(node) {
  return node.nodeType === Node.ELEMENT_NODE && (node.matches("form, input, textarea, select") || node.querySelector("input, textarea, select") !== null);
}

function children(now, next, how) {
  const named = new Map([...now.children].filter((one) => one.id).map((one) => [one.id, one]));
  let place = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    let match = wanted.id ? named.get(wanted.id) : place;
    if (match && (match.nodeName !== wanted.nodeName || (match.id ?? "") !== (wanted.id ?? ""))) match = null;
    if (!match) {
      now.insertBefore(document.adoptNode(wanted), place);
      continue;
    }
    if (match !== place) now.insertBefore(match, place);
    place = match.nextSibling;
    if (!match.isEqualNode(wanted) || holdsFields(match)) morph(match, wanted, how);
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}
