import { watch } from "./live-stream.js";
import { span } from "./live-words.js";
import { find, setText, show } from "./picture.js";

/** @typedef {import("./live-shape.ts").LiveSnapshot} LiveSnapshot */

const TOKEN = "fleetroom-admin-token";

const form = find("token-form");
const input = /** @type {HTMLInputElement} */ (find("token"));
/** For tabs that may keep nothing. */
let token = "";
/** @type {LiveSnapshot | undefined} */
let shown;
let shownMs = 0;
/** @type {import("./live-stream.js").Link} */
let link = { state: "connecting" };

try {
  token = sessionStorage.getItem(TOKEN) ?? "";
} catch {
  // The reader allows no storage: the token is then asked for after each load.
}

const stream = watch({
  url: "/live",
  token: () => token,
  onPicture(picture) {
    find("picture").hidden = false;
    show(picture, shown);
    shown = picture;
    shownMs = performance.now();
  },
  onLink(next) {
    const isAsked = next.state === "token" && link.state !== "token";
    link = next;
    showLink();
    if (isAsked) input.focus();
  },
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  token = input.value.trim();
  input.value = "";
  try {
    sessionStorage.setItem(TOKEN, token);
  } catch {
    // As above.
  }
  link = { state: "connecting" };
  showLink();
  stream.again();
});

function showLink() {
  const { state } = link;
  const line = find("link");
  line.dataset["state"] = state;
  setText(line, words());
  form.hidden = state !== "token";
  document.body.dataset["state"] = state;
  document.title = state === "live" ? "fleetroom live view" : `${words()} – fleetroom`;
}

function words() {
  const since = shown === undefined ? "" : `, what you see is ${span(secondsAgo())} old`;
  switch (link.state) {
    case "connecting":
      return "connecting";
    case "live":
      return "live";
    case "token":
      return link.isWrong
        ? "that token is not this server's"
        : "this server shows itself to holders of its token only";
    case "refused":
      return `the server says: ${link.words}; trying again${since}`;
    default:
      return `the server does not answer; trying again${since}`;
  }
}

function secondsAgo() {
  return Math.round((performance.now() - shownMs) / 1000);
}

// The age of what is shown goes on while nothing comes.
setInterval(() => {
  if (link.state === "gone" || link.state === "refused") showLink();
}, 1_000);
