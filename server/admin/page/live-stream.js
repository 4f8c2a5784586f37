/**
 * Reads pictures of a server and keeps at it. By fetch, not EventSource: that cannot send the token in a header.
 * The server's own page and the emulator's console have the same file.
 * @module
 */

/** @typedef {import("./live-shape.ts").LiveSnapshot} LiveSnapshot */

/**
 * `token`: one is needed, or another one. `refused`: for the reason in words; tried again all the same.
 * @typedef {{ state: "connecting" } | { state: "live" } | { state: "gone" } | { state: "token", isWrong: boolean }
 *   | { state: "refused", words: string }} Link
 */

/** A server tells each second; after so long without a word it is taken for gone. */
const SILENCE_MS_MAX = 5_000;
/** Between two tries. */
const REST_MS = 1_000;
/** Characters of one event at most. */
const EVENT_CHARS_MAX = 65_536;

/**
 * @param {object} how
 * @param {string} how.url
 * @param {() => string} how.token `""` for none.
 * @param {(picture: LiveSnapshot) => void} how.onPicture
 * @param {(link: Link) => void} how.onLink
 * @returns {{ again: () => void, stop: () => void }} `again` is to be called when there is another token.
 */
export function watch(how) {
  const stopping = new AbortController();
  let goOn = () => {};
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const given = how.token();
      const end = await read(how, given, stopping.signal);
      if (stopping.signal.aborted) return;
      how.onLink(end);
      await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
        goOn = resolve;
        // A token that came meanwhile is not waited for; one that is missing is.
        if (how.token() !== given) resolve();
        else if (end.state !== "token") setTimeout(resolve, REST_MS);
      });
    }
  };
  void loop();
  return {
    again: () => goOn(),
    stop() {
      stopping.abort();
      goOn();
    },
  };
}

/**
 * @param {Parameters<typeof watch>[0]} how
 * @param {string} token
 * @param {AbortSignal} stopped
 * @returns {Promise<Link>} Why it ended.
 */
async function read({ url, onPicture, onLink }, token, stopped) {
  const ending = new AbortController();
  const end = () => ending.abort();
  stopped.addEventListener("abort", end, { once: true });
  let silence = setTimeout(end, SILENCE_MS_MAX);
  try {
    const headers = token === "" ? undefined : { Authorization: `Bearer ${token}` };
    const response = await fetch(url, {
      signal: ending.signal,
      cache: "no-store",
      ...(headers && { headers }),
    });
    if (response.status === 401) return { state: "token", isWrong: token !== "" };
    if (!response.ok || response.body === null) {
      const { error } = await response.json().catch(() => ({ error: undefined }));
      return { state: "refused", words: String(error ?? `status ${response.status}`) };
    }
    for await (const picture of picturesOf(response.body)) {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS_MAX);
      onLink({ state: "live" });
      onPicture(picture);
    }
    return { state: "gone" };
  } catch {
    // No answer, a broken connection, silence for too long, or something that is no picture.
    return { state: "gone" };
  } finally {
    clearTimeout(silence);
    stopped.removeEventListener("abort", end);
    end();
  }
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<LiveSnapshot>}
 */
async function* picturesOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    if (text.length > EVENT_CHARS_MAX) throw new Error("the event is too long");
    for (const event of events) {
      if (event.startsWith("data: ")) yield JSON.parse(event.slice("data: ".length));
    }
  }
}
