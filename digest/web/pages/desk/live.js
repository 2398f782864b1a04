// Listen for changes: of the edition in another window or at the command line, of templates and of the configuration.
import { refresh } from "/static/swap.js";

const main = document.querySelector("main[data-live]");
if (main) {
  let told = null;
  const source = new EventSource(`/editions/${main.dataset.live}/live`);
  source.addEventListener("message", (event) => {
    const { revision, generation } = JSON.parse(event.data);
    const isShown = () => String(revision) === main.dataset.revision && String(generation) === main.dataset.generation;
    if (event.data !== told && !isShown()) refresh({ unless: isShown });
    told = event.data;
  });
  addEventListener("pagehide", () => source.close());
}
