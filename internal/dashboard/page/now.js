// Figures of the moment, and the photos in work.
import { bytes, count, find, make, seconds } from "./dom.js";

const stages = ["examine", "wait", "read", "resize", "write"];
const words = { examine: "looking at it", wait: "waiting for memory", read: "reading", resize: "resizing", write: "writing" };

// A figure is its name and what it shows of a state: text, a smaller unit, and a part of one for a bar.
const figures = [
  ["Workers busy", (s) => [s.busy, "of " + s.workers, s.busy / s.workers]],
  ["To go", (s) => [count(s.backlog), s.incomplete ? s.incomplete + " arriving" : s.queued ? count(s.queued) + " queued" : ""]],
  ["Photos a second", (s) => [s.rate.images_per_second.toFixed(1), ""]],
  ["Read a second", (s) => [bytes(s.rate.bytes_per_second), ""]],
  ["Done in", (s) => [s.eta_seconds ? seconds(s.eta_seconds) : "–", ""]],
  ["Memory", (s) => [bytes(s.memory.reserved_bytes), s.memory.budget_bytes ? "of " + bytes(s.memory.budget_bytes) : "", s.memory.budget_bytes ? s.memory.reserved_bytes / s.memory.budget_bytes : undefined]],
  ["Since the start", (s) => [count(s.done.images), s.done.images === 1 ? "photo" : "photos"]],
];

const shown = figures.map(([name, of]) => {
  const number = document.createTextNode("");
  const unit = make("small");
  const bar = make("i");
  const meter = make("div", { class: "meter", hidden: true }, bar);
  find("figures").append(make("div", {}, make("dt", {}, name), make("dd", {}, number, " ", unit, meter)));
  return { of, number, unit, bar, meter };
});

export function showNow(state) {
  for (const { of, number, unit, bar, meter } of shown) {
    const [text, small, part] = of(state);
    number.data = text;
    unit.textContent = small;
    meter.hidden = part === undefined;
    if (part !== undefined) bar.style.width = Math.min(100, 100 * part) + "%";
  }
  note(state.rate.images_per_second);
  showFlights(state.in_flight);
}

// The rate of the last minutes, behind the figures.
const rates = [];
let noted = 0;
function note(rate) {
  if (Date.now() - noted < 900) return;
  noted = Date.now();
  rates.push(rate);
  if (rates.length > 120) rates.shift();
  const most = Math.max(1, ...rates);
  const step = 240 / 119;
  const x = (i) => (240 - (rates.length - 1 - i) * step).toFixed(1);
  const line = rates.map((r, i) => `L${x(i)},${(40 - (36 * r) / most).toFixed(1)}`).join("");
  find("spark").replaceChildren(make("path", { d: `M${x(0)},40${line}L240,40Z` }));
}

const most = 6; // flights that are listed one by one
let flights = [];

function showFlights(list) {
  flights = list;
  const items = list.slice(0, most).map((f) => {
    const at = stages.indexOf(f.stage);
    const steps = stages.map((_, i) => make("i", { class: i < at ? "past" : i === at ? "here" : "" }));
    const size = (f.width ? `${f.width} × ${f.height}, ` : "") + bytes(f.bytes) + (f.attempt > 1 ? `, attempt ${f.attempt}` : "");
    return make("li", {},
      make("span", { class: "name", title: f.source }, f.source), make("span", { class: "steps", "aria-hidden": "true" }, ...steps),
      make("span", { class: "about" }, words[f.stage] + " · " + size), make("span", { class: "time" }, seconds(age(f))));
  });
  if (!items.length) items.push(make("li", { class: "idle" }, "Nothing at the moment. Photos dropped into the inbox, or here, come out in every size."));
  find("flights").replaceChildren(...items);
  find("flights-rest").textContent = list.length > most ? `and ${list.length - most} more` : "";
}

const age = (f) => Math.max(0, Date.now() - Date.parse(f.start)) / 1000;

setInterval(() => {
  if (document.hidden) return;
  find("flights").querySelectorAll(".time").forEach((node, i) => flights[i] && (node.textContent = seconds(age(flights[i]))));
}, 250);
