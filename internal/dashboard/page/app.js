// The page: opens the door, follows the state, and tells each part when it has something to show.
import { find, say } from "./dom.js";
import { ask, get, listen } from "./api.js";
import { showNow } from "./now.js";
import { photos } from "./photos.js";
import { failures } from "./failures.js";
import { savings } from "./savings.js";
import { settings } from "./settings.js";
import { uploads } from "./uploads.js";

let last; // the state before

function heard(state) {
  find("door").hidden = true;
  find("house").hidden = false;
  const restarted = last && last.started !== state.started;
  const first = !last || restarted;
  showNow(state);
  showLink(state);
  if (first) {
    photos.reload();
    failures.reload();
    savings.changed();
    settings.reload();
    uploads.reload();
  } else {
    if (state.removed !== last.removed) photos.reload();
    if (state.done.images !== last.done.images) {
      photos.more();
      savings.changed();
    }
    if (state.rejected !== last.rejected || state.dead !== last.dead || (failures.any() && state.done.images !== last.done.images)) failures.changed();
  }
  settings.state(state);
  if (restarted) say("pixmill was started anew");
  last = state;
}

function showLink(state) {
  const link = find("link");
  link.dataset.state = state.paused ? "paused" : state.busy ? "busy" : "idle";
  const text = state.paused ? "Intake is paused" : state.busy ? "At work" : "Waiting for photos";
  if (link.textContent !== text) link.textContent = text;
  const pause = find("pause");
  pause.disabled = false;
  pause.setAttribute("aria-pressed", state.paused);
  pause.textContent = state.paused ? "Resume intake" : "Pause intake";
  document.title = state.backlog ? `(${state.backlog}) pixmill` : "pixmill";
}

function lost() {
  find("link").dataset.state = "lost";
  find("link").textContent = "pixmill does not answer; trying again …";
  find("pause").disabled = true;
}

function needsToken() {
  last = undefined;
  find("house").hidden = true;
  find("door").hidden = false;
  find("link").dataset.state = "waiting";
  find("link").textContent = "Locked";
  find("pause").disabled = true;
  find("token").focus();
}

find("door-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = find("door-wrong");
  wrong.textContent = "";
  try {
    await ask("POST", "session", { token: find("token").value });
    find("token").value = "";
    listen(heard, lost, needsToken);
  } catch (error) {
    wrong.textContent = error.message;
    find("token").select();
  }
});

find("pause").addEventListener("click", async () => {
  const paused = !last.paused;
  try {
    await ask("PUT", "intake", { paused });
    say(paused ? "Intake is paused: what is in work goes on" : "Intake goes on");
  } catch (error) {
    say(error.message);
  }
});

// The theme: the system's until somebody chooses.
const themes = ["auto", "light", "dark"];
function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  find("theme").textContent = "Theme: " + theme;
  localStorage.setItem("theme", theme);
}
setTheme(themes.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "auto");
find("theme").addEventListener("click", () => setTheme(themes[(themes.indexOf(localStorage.getItem("theme")) + 1) % 3]));

// Tabs, by mouse and by arrow keys.
const tabs = [...find("tabs").children];
function choose(tab, focus) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", chosen);
    other.tabIndex = chosen ? 0 : -1;
    find(other.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  if (tab.id === "tab-photos") photos.draw();
  if (tab.id === "tab-savings") savings.show();
}
tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) choose(tabs[(i + step + tabs.length) % tabs.length], true);
  });
});

find("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => {});
  location.reload();
});

uploads.start();
get("session")
  .then((session) => {
    find("leave").hidden = !session.needed;
    if (session.needed && !session.known) needsToken();
    else listen(heard, lost, needsToken);
  })
  .catch(() => {
    lost();
    listen(heard, lost, needsToken);
  });
