// How many photos at once, and the configuration with what came from where.
import { find, make, say } from "./dom.js";
import { ask, get } from "./api.js";

async function reload() {
  try {
    const answer = await get("config");
    find("config").replaceChildren(...answer.settings.map((s) => make("tr", { class: s.from === "default" ? "" : "set" },
      make("th", { scope: "row" }, make("code", {}, s.key)), make("td", {}, make("code", {}, s.value)), make("td", {}, s.from))));
  } catch (error) {
    say(error.message);
  }
}

let workers;
function state(s) {
  find("version").textContent = `pixmill ${s.version}, since ${new Date(s.started).toLocaleString()}`;
  if (workers === s.workers || document.activeElement === find("workers")) return;
  workers = s.workers;
  find("workers").value = workers;
}

find("workers-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const answer = await ask("PUT", "workers", { workers: Number(find("workers").value) });
    workers = answer.workers;
    say(`${workers} at once from now on`);
  } catch (error) {
    say(error.message);
  }
});

export const settings = { reload, state };
