const now = document.querySelector("#now");
new EventSource("/api/v1/events").addEventListener("state", (event) => {
  const s = JSON.parse(event.data);
  now.textContent = `${s.busy} of ${s.workers} workers busy, ${s.backlog} photos to go, ${s.done.images} done`;
});
