// Requests to pixmill. An answer that is an error becomes an Error with its text.

export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch("/api/v1/" + path, { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
  } catch {
    throw new Error("pixmill does not answer");
  }
  const value = await answer.json().catch(() => ({ error: answer.statusText }));
  if (!answer.ok) throw Object.assign(new Error(value.error), { status: answer.status });
  return value;
}

export const get = (path) => ask("GET", path);

// listen calls heard with every state, and lost when there is none any more. It comes back by itself; where a token is needed, it asks.
export function listen(heard, lost, needsToken) {
  const stream = new EventSource("/api/v1/events");
  stream.addEventListener("state", (event) => heard(JSON.parse(event.data)));
  stream.onerror = () => {
    lost();
    if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
    const again = async () => {
      try {
        const session = await get("session");
        if (session.needed && !session.known) needsToken();
        else listen(heard, lost, needsToken);
      } catch {
        setTimeout(again, 1500);
      }
    };
    setTimeout(again, 500);
  };
}
