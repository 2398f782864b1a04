// Keep the lengths of lines beside their limits while one types. Characters are what a reader sees as single ones.
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Count what a reader sees as single characters. */
export const characters = (text) => [...segmenter.segment(text)].length;

const words = (text) => text.split(/\s+/).filter(Boolean).length;

function measure(output) {
  const field = document.getElementById(output.htmlFor.value);
  if (!field) return;
  const unit = output.dataset.counts ?? "characters";
  const count = unit === "words" ? words(field.value) : characters(field.value.trim());
  const limit = Number(output.dataset.limit);
  output.textContent = `${count} of ${limit} ${unit}`;
  output.classList.toggle("over", count > limit);
}

document.addEventListener("input", (event) => {
  const output = document.getElementById(`${event.target.id}-length`);
  if (output) measure(output);
});

// A field that is being typed in keeps its words when the page is put in place: its length is theirs.
document.addEventListener("desk:shown", () => document.querySelectorAll("output.length").forEach(measure));
