// Listen for changes: of the edition in another window or at the command line, of templates and of the configuration.
import { refresh, settled } from "/static/swap.js";

const main = document.querySelector("main[data-live]");
if (main) {
  let told = "";
  const isShown = () => {
    const { revision, generation } = JSON.parse(told);
    return revision <= Number(main.dataset.revision) && String(generation) === main.dataset.generation;
  };
  const source = new EventSource(`/editions/${main.dataset.live}/live`);
  source.addEventListener("message", (event) => {
    if (event.data === told) return;
    told = event.data;
    // What this window sent itself is answered with the page: it is waited for, and only another's change is fetched.
    settled().then(() => isShown() || refresh({ unless: isShown }));
  });
  addEventListener("pagehide", () => source.close());
}
