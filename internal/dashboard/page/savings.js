// What was saved, in all, by day, by variant and by format.
import { bytes, change, count, find, make } from "./dom.js";
import { get } from "./api.js";

let stale = true;
let fetching = false;

// changed notes that the sums are others now; they are fetched while somebody looks.
function changed() {
  stale = true;
  show();
}

async function show() {
  if (!stale || fetching || find("view-savings").hidden) return;
  stale = false;
  fetching = true;
  try {
    draw(await get("savings"));
  } catch {
    stale = true;
  }
  setTimeout(() => {
    fetching = false;
    show();
  }, 2000);
}

function draw(s) {
  const total = s.total;
  find("savings-total").replaceChildren(`${bytes(Math.abs(total.source_bytes - total.output_bytes))} ${total.output_bytes > total.source_bytes ? "more" : "saved"} `,
    make("small", {}, `${bytes(total.source_bytes)} → ${bytes(total.output_bytes)} (${change(total.source_bytes, total.output_bytes) || "–"}), ${count(total.count)} photos`));
  find("by-day").replaceChildren(days(s.by_day.slice(-60)));
  find("by-variant").replaceChildren(...bars(s.by_variant));
  find("by-format").replaceChildren(...bars(s.by_format));
}

const tall = 190;

// days stand side by side: what there was before, and in front of it what there is after.
function days(list) {
  if (!list.length) return make("p", { class: "rest" }, "Nothing yet.");
  const wide = find("by-day").clientWidth || 900;
  const most = Math.max(...list.map((d) => Math.max(d.source_bytes, d.output_bytes)), 1);
  const step = Math.min(90, wide / list.length);
  const high = (n) => (150 * n) / most;
  const svg = make("svg", { viewBox: `0 0 ${wide} ${tall}`, preserveAspectRatio: "xMinYMid meet", role: "img",
    "aria-label": list.map((d) => `${d.key}: ${bytes(d.source_bytes)} before, ${bytes(d.output_bytes)} after`).join("; ") });
  svg.append(make("line", { class: "base", x1: 0, x2: wide, y1: 166, y2: 166 }));
  list.forEach((d, i) => {
    const part = (cls, n, inset) => make("rect", { class: cls, x: i * step + inset, y: 166 - high(n), width: Math.max(1, step * 0.8 - 2 * inset), height: high(n), rx: Math.min(4, step / 6) });
    svg.append(make("g", {}, make("title", {}, `${d.key}: ${count(d.count)} photos, ${bytes(d.source_bytes)} → ${bytes(d.output_bytes)} (${change(d.source_bytes, d.output_bytes)})`),
      part("before", d.source_bytes, 0), part("after", d.output_bytes, Math.min(5, step * 0.12))));
    if (i % Math.ceil(list.length / (wide / 80)) === 0) svg.append(make("text", { x: i * step, y: 183 }, d.key.slice(5)));
  });
  return svg;
}

function bars(list) {
  const most = Math.max(...list.map((g) => g.source_bytes), 1);
  const rows = list.map((g) => {
    const after = make("i");
    after.style.width = Math.min(100, (100 * g.output_bytes) / Math.max(1, g.source_bytes)) + "%";
    const track = make("div", { class: "track" }, after);
    track.style.width = Math.max(1, (100 * g.source_bytes) / most) + "%";
    return make("tr", {}, make("th", { scope: "row" }, g.key || "(not known)"), make("td", {}, track),
      make("td", { class: "figure" }, `${bytes(g.output_bytes)} of ${bytes(g.source_bytes)}, ${change(g.source_bytes, g.output_bytes)}`));
  });
  return rows.length ? [make("tbody", {}, ...rows)] : [make("tbody", {}, make("tr", {}, make("td", { class: "rest" }, "Nothing yet.")))];
}

export const savings = { changed, show };
