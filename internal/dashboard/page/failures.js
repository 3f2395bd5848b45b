// Photos that were rejected or failed: why, and what can be done.
import { copy, count, find, make, moment, say } from "./dom.js";
import { ask, get } from "./api.js";

const size = 50;
let shown = [];
let total = 0;

async function reload() {
  try {
    const answer = await get(`failures?limit=${size}`);
    shown = answer.failures;
    total = answer.total;
  } catch {
    return;
  }
  draw();
}

// changed fetches the list anew, at most twice a second.
let waiting = false;
function changed() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    reload();
  }, 500);
}

function draw() {
  const badge = find("failures-count");
  badge.hidden = total === 0;
  badge.textContent = count(total);
  find("retry-all").disabled = find("dismiss-all").disabled = total === 0;
  find("failures-rest").textContent = total ? `${count(total)} ${total === 1 ? "photo" : "photos"}; the original is where it was` : "";
  find("failures-more").hidden = shown.length >= total;
  const items = shown.map(item);
  if (!items.length) items.push(make("li", {}, make("span", { class: "when" }, "Nothing failed.")));
  find("failures").replaceChildren(...items);
}

function item(f) {
  const place = make("div", { class: "place", hidden: true });
  const what = make("div", { class: "what" },
    make("button", { type: "button", "aria-label": "Retry " + f.source, onclick: () => act("retry", { ids: [f.id] }) }, "Retry"),
    make("button", { type: "button", class: "quiet", "aria-label": "Dismiss " + f.source, onclick: () => act("dismiss", { ids: [f.id] }) }, "Dismiss"),
    make("button", { type: "button", class: "quiet", "aria-label": "Show where " + f.source + " lies", onclick: () => reveal(f, place) }, "Where?"));
  const attempts = f.attempts > 1 ? `, after ${f.attempts} attempts` : "";
  return make("li", {}, make("span", { class: "name" }, f.source), what, make("span", { class: "reason" }, f.reason),
    make("span", { class: "when" }, `${f.status === "dead" ? "failed" : "rejected"} ${moment(f.time)}${attempts}`), place);
}

async function reveal(f, place) {
  try {
    const where = await get(`failures/${f.id}/place`);
    place.replaceChildren(make("code", {}, where.file), where.there ? " " : " (it is not there any more) ",
      where.reveals ? make("button", { type: "button", class: "inline", onclick: () => show(f) }, "show it in the file manager") : "", " ",
      make("button", { type: "button", class: "inline", onclick: () => copy(where.folder) }, "copy the folder's path"));
    place.hidden = false;
  } catch (error) {
    say(error.message);
  }
}

async function show(f) {
  try {
    await ask("POST", `failures/${f.id}/reveal`);
    say("The file manager has it");
  } catch (error) {
    say(error.message);
  }
}

async function act(what, choice) {
  try {
    const done = await ask("POST", "failures/" + what, choice);
    const photos = `${count(done.count)} ${done.count === 1 ? "photo" : "photos"}`;
    say(done.errors.length ? done.errors[0] : what === "retry" ? `${photos} tried again` : `${photos} dismissed`);
  } catch (error) {
    say(error.message);
  }
  changed();
}

find("retry-all").addEventListener("click", () => act("retry", { all: true }));
find("dismiss-all").addEventListener("click", () => act("dismiss", { all: true }));
find("failures-more").addEventListener("click", async () => {
  try {
    const answer = await get(`failures?limit=${size}&older=${shown.at(-1).place}`);
    shown = [...shown, ...answer.failures];
    draw();
  } catch (error) {
    say(error.message);
  }
});

export const failures = { reload, changed, any: () => total > 0 || waiting };
