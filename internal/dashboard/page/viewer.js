// One photo: before and after under a slider, what is known of it, and text to copy into a page.
import { bytes, change, copy, find, make, moment, seconds } from "./dom.js";
import { outputURL } from "./photos.js";

const shown = new Set(["jpeg", "png", "gif", "webp", "avif", "bmp"]); // by browsers
const viewer = find("viewer");

export function view(photo) {
  const pick = make("div", { class: "pick", role: "group", "aria-label": "Which output to compare" });
  const frame = make("div");
  const largest = photo.outputs.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a), photo.outputs[0]);
  const buttons = photo.outputs.map((o) => make("button", {
    type: "button", "aria-pressed": "false", onclick: () => show(o),
  }, `${o.variant || o.format} · ${bytes(o.bytes)}`));
  const show = (o) => {
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", photo.outputs[i] === o));
    frame.replaceChildren(...compare(photo, o));
  };
  pick.append(...buttons);
  const close = make("button", { type: "button", class: "quiet", onclick: () => viewer.close() }, "Close");
  viewer.replaceChildren(
    make("header", {}, make("h2", { id: "viewer-title" }, photo.source), close),
    make("div", { class: "body" }, make("div", {}, frame, pick), make("div", {}, ...facts(photo))));
  if (largest) show(largest);
  viewer.showModal();
}

viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());

function compare(photo, o) {
  const after = make("img", { src: outputURL(photo, o), alt: `After: ${o.variant}, ${o.width} by ${o.height}` });
  const box = make("div", { class: "slider" });
  box.style.setProperty("--shape", `${o.width} / ${o.height}`);
  const note = make("p", { class: "note", hidden: true });
  const alone = (why) => {
    box.replaceChildren(after, make("span", { class: "tag right" }, "After · " + bytes(o.bytes)));
    after.classList.remove("top-image");
    note.textContent = why;
    note.hidden = false;
  };
  if (!shown.has(photo.format)) {
    alone(`Browsers do not show ${photo.format.toUpperCase()}, so there is no before.`);
    return [box, note];
  }
  const before = make("img", { src: `/api/v1/photos/${photo.id}/original?v=${photo.place}`, alt: "Before: the original",
    onerror: () => alone("The original has left the inbox, or was changed: there is no before.") });
  after.classList.add("top-image");
  const slide = make("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, "aria-label": "How much of the original is seen",
    oninput: () => box.style.setProperty("--at", slide.value + "%") });
  box.append(before, after, make("div", { class: "edge" }), make("span", { class: "tag left" }, "Before · " + bytes(photo.bytes)),
    make("span", { class: "tag right" }, "After · " + bytes(o.bytes)), slide);
  return [box, note];
}

function facts(photo) {
  const rows = [
    ["Size", `${photo.width} × ${photo.height} px, ${photo.format.toUpperCase()}`],
    ["Before", bytes(photo.bytes)],
    ["After", `${bytes(photo.output_bytes)} in ${photo.outputs.length} ${photo.outputs.length === 1 ? "file" : "files"} (${change(photo.bytes, photo.output_bytes)})`],
    ["Photo's time", moment(photo.modified)],
    ["Made", moment(photo.time)],
    ["Took", seconds(photo.duration_ms / 1000) + (photo.attempts > 1 ? `, ${photo.attempts} attempts` : "")],
    ["SHA-256", photo.hash ? photo.hash.slice(0, 16) + " …" : "not known"],
  ];
  const list = make("dl", { class: "about-photo" });
  for (const [name, text] of rows) list.append(make("dt", {}, name), make("dd", { title: name === "SHA-256" ? photo.hash : "" }, text));
  for (const f of photo.says) list.append(make("dt", {}, f.name), make("dd", {}, f.value));
  const parts = [list];
  if (photo.stages.length) parts.push(make("h3", {}, "Time per stage"), stages(photo.stages));
  const picture = pictureText(photo);
  parts.push(make("h3", {}, "For a page"), make("pre", { tabIndex: 0, "aria-label": "Text of the picture element" }, picture),
    make("button", { type: "button", onclick: () => copy(picture) }, "Copy <picture>"), " ",
    make("button", { type: "button", class: "quiet", onclick: () => copy(srcset(photo.outputs.filter((o) => o.format === photo.outputs[0].format))) }, "Copy srcset"));
  return parts;
}

function stages(list) {
  const most = Math.max(...list.map((s) => s.ms), 0.001);
  return make("ul", { class: "stages" }, ...list.map((s) => {
    const bar = make("i");
    bar.style.width = Math.max(1, (100 * s.ms) / most) + "%";
    return make("li", {}, make("span", {}, s.stage), make("span", {}, bar), make("span", { class: "ms" }, s.ms < 10 ? s.ms.toFixed(1) + " ms" : seconds(s.ms / 1000)));
  }));
}

// modern formats go first: a browser takes the first that it knows.
const order = ["avif", "webp", "jpeg", "png", "gif"];
const types = { jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", avif: "image/avif" };
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
const address = (path) => path.split("/").map(encodeURIComponent).join("/");
const srcset = (outputs) => [...outputs].sort((a, b) => a.width - b.width).map((o) => `${address(o.path)} ${o.width}w`).join(", ");

function pictureText(photo) {
  const formats = [...new Set(photo.outputs.map((o) => o.format))].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  if (!formats.length) return "";
  const of = (format) => photo.outputs.filter((o) => o.format === format);
  const last = of(formats.at(-1)).reduce((a, b) => (b.width > a.width ? b : a));
  const sources = formats.slice(0, -1).map((f) => `  <source type="${types[f]}" srcset="${srcset(of(f))}" sizes="100vw">\n`);
  const alt = escaped(photo.source.split("/").pop().replace(/\.[^.]*$/, "").replaceAll(/[-_]+/g, " "));
  return `<picture>\n${sources.join("")}  <img src="${address(last.path)}" srcset="${srcset(of(formats.at(-1)))}"\n    sizes="100vw" width="${last.width}" height="${last.height}" alt="${alt}" loading="lazy">\n</picture>`;
}
