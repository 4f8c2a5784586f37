/**
 * Makes and keeps elements. Whatever others wrote gets in as text and in no other way.
 * @module
 */

/**
 * @param {string} tag
 * @param {string} className Of our own; `""` for none.
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/**
 * An element with a text that changes.
 * @param {string} tag
 * @param {string} className
 */
export function textElement(tag, className) {
  const node = element(tag, className);
  return {
    node,
    /** @param {string} text */
    set: (text) => setText(node, text),
  };
}

/** Touches the page only when the text differs, so that a selection stays. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A button that does one thing at a time.
 * @param {string} label
 * @param {string} title What it does, in a sentence.
 * @param {() => Promise<void>} act
 */
export function button(label, title, act) {
  const node = /** @type {HTMLButtonElement} */ (element("button", "", label));
  node.type = "button";
  node.title = title;
  let isBusy = false;
  node.addEventListener("click", async () => {
    if (isBusy) return;
    isBusy = true;
    node.setAttribute("aria-busy", "true");
    try {
      await act();
    } finally {
      isBusy = false;
      node.removeAttribute("aria-busy");
    }
  });
  return node;
}

/**
 * @template T
 * @typedef {{ node: HTMLElement, update: (item: T) => void }} View
 */

/** @type {WeakMap<Element, Map<string, View<any>>>} */
const kept = new WeakMap();

/**
 * Keeps the children of `parent` in step with `items`: one view for each key, made once, so that focus and what was
 * typed stay. A word stands where there is nothing.
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => View<T>} make
 * @param {string} nothing
 */
export function keep(parent, items, keyOf, make, nothing = "none") {
  const views = kept.get(parent) ?? new Map();
  kept.set(parent, views);
  const keys = new Set(items.map(keyOf));
  for (const [key, view] of views) {
    if (keys.has(key)) continue;
    view.node.remove();
    views.delete(key);
  }
  parent.classList.toggle("empty", items.length === 0);
  parent.setAttribute("data-nothing", nothing);
  let place = parent.firstElementChild;
  for (const item of items) {
    const view = views.get(keyOf(item)) ?? make(item);
    views.set(keyOf(item), view);
    view.update(item);
    if (place !== null && view.node === place) place = place.nextElementSibling;
    else parent.insertBefore(view.node, place);
  }
}
