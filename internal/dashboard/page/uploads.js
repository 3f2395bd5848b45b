// Photos from this device into the inbox: dropped anywhere on the page, folders too, or chosen.
import { bytes, find, make, say } from "./dom.js";
import { get } from "./api.js";

const atOnce = 3;
const kept = 30; // finished uploads that stay in sight
const waiting = [];
let running = 0;
let done = 0;
let failed = 0;

// reload fetches where photos can go: who has one pipeline is not asked.
async function reload() {
  let pipelines;
  try {
    ({ pipelines } = await get("pipelines"));
  } catch {
    return;
  }
  const into = find("into");
  const chosen = into.value;
  into.replaceChildren(...pipelines.map((p) => make("option", { value: p.name, selected: p.name === chosen }, p.name || "the default inbox")));
  find("into-which").hidden = pipelines.length < 2;
}

function add(files) {
  const into = find("into").value;
  for (const { file, name } of files) {
    const bar = make("progress", { max: 1, value: 0, "aria-label": "Upload of " + name });
    const about = make("span", { class: "rest" }, bytes(file.size));
    const called = into ? into + ":" + name : name;
    const node = make("li", {}, make("span", { class: "name", title: called }, called), about, bar);
    find("uploads").prepend(node);
    waiting.push({ file, name, into, bar, about, node });
  }
  next();
}

function next() {
  while (running < atOnce && waiting.length) {
    running++;
    send(waiting.shift());
  }
}

// send uses XMLHttpRequest because fetch does not tell how far an upload is.
function send({ file, name, into, bar, about, node }) {
  const request = new XMLHttpRequest();
  request.open("POST", "/api/v1/uploads?name=" + encodeURIComponent(name) + (into ? "&pipeline=" + encodeURIComponent(into) : ""));
  request.upload.onprogress = (event) => event.lengthComputable && (bar.value = event.loaded / event.total);
  request.onloadend = () => {
    running--;
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer.error = "pixmill does not answer";
    }
    bar.remove();
    if (request.status === 200) {
      done++;
      about.textContent = answer.name === name ? "in the inbox" : "in the inbox as " + answer.name;
    } else {
      failed++;
      about.textContent = "";
      node.append(make("span", { class: "failed" }, answer.error));
    }
    const list = find("uploads");
    while (list.children.length > kept && !list.lastChild.querySelector("progress")) list.lastChild.remove();
    next();
    if (!running) {
      say(failed ? `${done} added, ${failed} refused` : `${done} added to the inbox`);
      done = failed = 0;
    }
  };
  request.send(file);
}

// entries follows a dropped folder down to its files.
async function entries(entry, path = "") {
  if (entry.isFile) {
    const file = await new Promise((found, no) => entry.file(found, no));
    return file.name.startsWith(".") ? [] : [{ file, name: path + file.name }];
  }
  const reader = entry.createReader();
  const all = [];
  for (;;) { // a reader gives at most a hundred at a time
    const some = await new Promise((found, no) => reader.readEntries(found, no));
    if (!some.length) break;
    for (const inner of some) all.push(...(await entries(inner, path + entry.name + "/")));
  }
  return all;
}

async function dropped(transfer) {
  const found = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...transfer.files];
  if (!found.length) return add(plain.map((file) => ({ file, name: file.name })));
  for (const entry of found) add(await entries(entry).catch(() => []));
}

function start() {
  let depth = 0; // of elements that the pointer is over
  const over = (on) => (find("over").hidden = !on);
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") && !find("house").hidden;
  addEventListener("dragenter", (event) => carriesFiles(event) && ++depth && over(true));
  addEventListener("dragleave", (event) => carriesFiles(event) && --depth <= 0 && over(false));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    dropped(event.dataTransfer);
  });
  const choose = () => find("files").click();
  find("choose").addEventListener("click", choose);
  find("choose-too").addEventListener("click", choose);
  find("files").addEventListener("change", (event) => {
    add([...event.target.files].map((file) => ({ file, name: file.name })));
    event.target.value = "";
  });
}

export const uploads = { start, reload };
