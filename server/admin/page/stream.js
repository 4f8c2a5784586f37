/**
 * Reads pictures from `/live` and keeps at it. By fetch, not EventSource: that cannot send the token in a header.
 * @module
 */

/** @typedef {import("../../telemetry/live/live-snapshot.ts").LiveSnapshot} LiveSnapshot */

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
 * @param {() => string} how.token `""` for none.
 * @param {(picture: LiveSnapshot) => void} how.onPicture
 * @param {(link: Link) => void} how.onLink
 * @returns {{ again: () => void }} To be called when there is another token.
 */
export function watch({ token, onPicture, onLink }) {
  let goOn = () => {};
  const loop = async () => {
    for (;;) {
      const given = token();
      const end = await read(given, onPicture, onLink);
      onLink(end);
      const rested = end.state === "token" ? undefined : REST_MS;
      await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
        goOn = resolve;
        // What was submitted meanwhile is not waited for.
        if (token() !== given) resolve();
        else if (rested !== undefined) setTimeout(resolve, rested);
      });
    }
  };
  void loop();
  return { again: () => goOn() };
}

/**
 * @param {string} token
 * @param {(picture: LiveSnapshot) => void} onPicture
 * @param {(link: Link) => void} onLink
 * @returns {Promise<Link>} Why it ended.
 */
async function read(token, onPicture, onLink) {
  const ending = new AbortController();
  let silence = setTimeout(() => ending.abort(), SILENCE_MS_MAX);
  try {
    const headers = token === "" ? undefined : { Authorization: `Bearer ${token}` };
    const response = await fetch("/live", {
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
      silence = setTimeout(() => ending.abort(), SILENCE_MS_MAX);
      onLink({ state: "live" });
      onPicture(picture);
    }
    return { state: "gone" };
  } catch {
    // No answer, a broken connection, silence for too long, or something that is no picture.
    return { state: "gone" };
  } finally {
    clearTimeout(silence);
    ending.abort();
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
