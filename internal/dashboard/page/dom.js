// Elements, and figures as people read them.

const svgNames = new Set(["svg", "path", "rect", "text", "line", "title", "g"]);

// make returns an element: properties where the element has them, attributes otherwise, functions as listeners of "onclick" and such.
export function make(name, given = {}, ...inside) {
  const svg = svgNames.has(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.setAttribute("class", value);
    else if (!svg && key in node && !key.startsWith("aria")) node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...inside.filter((child) => child !== undefined && child !== null));
  return node;
}

export const find = (id) => document.getElementById(id);

export function bytes(n) {
  if (n < 0) return "−" + bytes(-n);
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 999.5 && i < units.length - 1) (n /= 1000), i++;
  return (i === 0 || n >= 99.95 ? Math.round(n) : n >= 9.95 ? n.toFixed(0) : n.toFixed(1)) + " " + units[i];
}

export const count = (n) => n.toLocaleString("en");

export function seconds(s) {
  if (s < 1) return Math.round(s * 1000) + " ms";
  if (s < 60) return s.toFixed(1) + " s";
  if (s < 3600) return Math.floor(s / 60) + " min " + Math.round(s % 60) + " s";
  return Math.floor(s / 3600) + " h " + Math.round((s % 3600) / 60) + " min";
}

// change is the size after against before, as "−87%".
export function change(before, after) {
  if (!before) return "";
  const percent = Math.max(Math.round((100 * (after - before)) / before), after > 0 ? -99 : -100); // something is left
  return percent > 0 ? "+" + percent + "%" : percent < 0 ? "−" + -percent + "%" : "±0%";
}

export const moment = (text) => new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

let fading;
// say tells something for some seconds, to screen readers too.
export function say(text) {
  const toast = find("toast");
  toast.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (toast.textContent = ""), 6000);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("The browser does not let this page copy: select the text instead");
  }
}
