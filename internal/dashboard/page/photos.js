// The finished photos: a window on a list as long as the ledger. Only what can be seen is there; pages are fetched when they come into view,
// each from the place where it begins (a mark), so that the end of 100,000 costs what the beginning does.
import { bytes, change, count, find, make } from "./dom.js";
import { get } from "./api.js";
import { view } from "./viewer.js";

const every = 100; // photos of a page
const window_ = find("photos");
const span = find("span");

let marks = [];
let total = 0; // at the time of the marks
let pages = new Map(); // number → its photos, or undefined while it is fetched
let fresh = []; // photos that are done since, the latest first
let match = "";
let round = 0; // tells answers to former questions from those to the present one
let columns = 1;
let wide = 200;
const tall = 178;
const cells = new Map(); // by place in the list
let focus = 0;

const encoded = (text) => encodeURIComponent(text);
const length = () => fresh.length + total;

// at is the photo at a place of the list; undefined: not there yet, and fetched.
function at(i) {
  if (i < fresh.length) return fresh[i];
  const j = i - fresh.length;
  const number = Math.floor(j / every);
  if (!pages.has(number)) fetchPage(number);
  return pages.get(number)?.[j % every];
}

// including is the place just before one, so that what is older includes it.
function including(place) {
  const [time, id] = place.split(".");
  return time + "." + (Number(id) + 1);
}

async function fetchPage(number) {
  pages.set(number, undefined);
  const mine = round;
  const newer = marks[number + 1];
  try {
    const answer = await get(`photos?limit=${every}&match=${encoded(match)}&older=${including(marks[number])}` + (newer ? `&newer=${newer}` : ""));
    if (mine !== round) return;
    pages.set(number, answer.photos);
    draw();
    const lacks = Math.min(every, total - number * every) - answer.photos.length; // made anew or removed since the marks were made
    if (lacks > 0) setTimeout(() => mine === round && reload(), often);
  } catch {
    if (mine === round) setTimeout(() => mine === round && pages.delete(number), 1000);
  }
}

async function reload() {
  const mine = ++round;
  let answer;
  try {
    answer = await get(`photos/marks?every=${every}&match=${encoded(match)}`);
  } catch {
    return;
  }
  if (mine !== round) return;
  ({ marks, total } = answer);
  pages = new Map();
  fresh = [];
  for (const cell of cells.values()) cell.node.remove();
  cells.clear();
  draw();
}

// more fetches what was done since the latest, at most so often. Two workers may be recorded in another order than they ended in: some of the
// time is asked for twice, and more of it once when nothing has come for a while.
const often = 1000; // ms
const overlap = 1.5; // s
const lastOverlap = 60;
let fetching = false;
let again = false;
let calm;
async function more(back = overlap) {
  clearTimeout(calm);
  if (back === overlap) calm = setTimeout(more, 2500, lastOverlap);
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  const mine = round;
  const latest = length() ? at(0) : undefined;
  try {
    const since = latest ? "&newer=" + (BigInt(latest.place.split(".")[0]) - BigInt(back * 1e9)) + ".0" : "";
    const answer = await get(`photos?limit=500&match=${encoded(match)}${since}`);
    if (mine === round) add(answer.photos);
  } catch {
    again = true;
  }
  setTimeout(() => {
    fetching = false;
    if (again) more();
    again = false;
  }, often);
}

function add(list) {
  const known = new Set([...fresh.slice(0, 1500), ...(pages.get(0) ?? [])].map((p) => p.place));
  const unknown = list.filter((p) => !known.has(p.place));
  if (!unknown.length) return;
  if (unknown.length === 500 || fresh.length + unknown.length > 3000 || listed(new Set(unknown.map((p) => p.source)))) {
    reload();
    return;
  }
  const place = window_.scrollTop;
  const before = Math.ceil(fresh.length / columns);
  fresh = [...unknown, ...fresh].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : b.id - a.id));
  for (const cell of cells.values()) cell.node.remove();
  cells.clear();
  // Who reads further down keeps what they look at.
  if (place > tall) window_.scrollTop = place + (Math.ceil(fresh.length / columns) - before) * tall;
  draw(new Set(unknown));
}

// listed says whether one of the sources is in the list already: it was made anew, and its former place is empty now.
function listed(sources) {
  const has = (photos) => photos?.some((p) => sources.has(p.source));
  return has(fresh) || [...pages.values()].some(has);
}

function draw(arrived) {
  if (find("view-photos").hidden) return;
  const room = window_.clientWidth;
  const least = room < 520 ? 150 : 190;
  const n = Math.max(2, Math.floor(room / least));
  if (n !== columns || Math.floor(room / n) !== wide) {
    columns = n;
    wide = Math.floor(room / n);
    for (const cell of cells.values()) cell.node.remove();
    cells.clear();
  }
  const all = length();
  span.style.height = Math.ceil(all / columns) * tall + "px";
  const from = Math.max(0, Math.floor(window_.scrollTop / tall) - 1) * columns;
  const to = Math.min(all, (Math.ceil((window_.scrollTop + window_.clientHeight) / tall) + 1) * columns);
  for (const [i, cell] of cells) {
    if (i < from || i >= to) {
      cell.node.remove();
      cells.delete(i);
    }
  }
  for (let i = from; i < to; i++) {
    const photo = at(i);
    const cell = cells.get(i);
    if (cell && cell.photo === photo) continue;
    cell?.node.remove();
    const node = draw1(photo, i, all, arrived?.has(photo));
    cells.set(i, { node, photo });
    span.append(node);
  }
  window_.classList.toggle("bare", all === 0);
  find("photos-rest").textContent = all ? `${count(all)} ${all === 1 ? "photo" : "photos"}` : match ? `No photo's name has “${match}” in it.` : "No photos yet.";
  if (!cells.has(focus) && cells.size) {
    const first = cells.get(from)?.node.querySelector("button");
    if (first) first.tabIndex = 0;
  }
}

// thumbnail is the smallest output.
export function thumbnail(photo) {
  return photo.outputs.reduce((best, o) => (o.width * o.height < best.width * best.height ? o : best), photo.outputs[0]);
}

export const outputURL = (photo, o) => `/api/v1/photos/${photo.id}/outputs/${o.n}?v=${photo.place}`;

function draw1(photo, i, all, isNew) {
  const node = make("div", { class: "cell" + (isNew ? " new" : ""), role: "listitem", "aria-setsize": all, "aria-posinset": i + 1 });
  node.style.width = wide + "px";
  node.style.height = tall + "px";
  node.style.transform = `translate(${(i % columns) * wide}px, ${Math.floor(i / columns) * tall}px)`;
  if (!photo) {
    node.setAttribute("aria-busy", "true");
    return node;
  }
  const small = thumbnail(photo);
  const saved = change(photo.bytes, photo.output_bytes);
  const name = photo.source.split("/").pop();
  node.append(make("button", {
    type: "button", title: photo.source, tabIndex: i === focus ? 0 : -1,
    "aria-label": `${name} ${saved}, ${photo.width} by ${photo.height}, ${bytes(photo.bytes)} to ${bytes(photo.output_bytes)}`,
    onclick: () => { focus = i; view(photo); }, onkeydown: (event) => step(event, i),
  },
  small ? make("img", { src: outputURL(photo, small), alt: "", decoding: "async" }) : undefined,
  make("span", {}, make("span", { class: "name" }, name), make("b", { class: saved.startsWith("+") ? "more" : "" }, saved))));
  return node;
}

// step moves the focus by arrow keys over the whole list.
function step(event, i) {
  const rows = Math.max(1, Math.floor(window_.clientHeight / tall) - 1);
  const to = { ArrowRight: i + 1, ArrowLeft: i - 1, ArrowDown: i + columns, ArrowUp: i - columns, PageDown: i + rows * columns,
    PageUp: i - rows * columns, Home: 0, End: length() - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  focus = Math.min(length() - 1, Math.max(0, to));
  const top = Math.floor(focus / columns) * tall;
  if (top < window_.scrollTop) window_.scrollTop = top;
  else if (top + tall > window_.scrollTop + window_.clientHeight) window_.scrollTop = top + tall - window_.clientHeight;
  draw();
  const hold = () => cells.get(focus)?.node.querySelector("button")?.focus();
  hold();
  setTimeout(hold, 250); // its page may have to come first
}

let drawing = false;
function soon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}
window_.addEventListener("scroll", soon, { passive: true });
new ResizeObserver(soon).observe(window_);

let typing;
find("match").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    match = event.target.value.trim();
    window_.scrollTop = 0;
    reload();
  }, 200);
});

export const photos = { reload, more: () => more(), draw };
