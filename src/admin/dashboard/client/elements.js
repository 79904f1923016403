/** Makes and changes elements. Everything that is shown is text: nothing that an app has printed becomes markup. */

/** `make("p", "dim", "text", child, …)`. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** Sets the text of an element, if it is another one: what does not change keeps a reader's selection. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` those of `items`, in their order: `create(item)` makes an element, `update(element, item)` brings it up to date.
 * Elements stay themselves from one call to the next, and with them focus and what is folded out.
 */
export function keyed(parent, items, keyOf, create, update) {
  const present = (parent.keyedElements ??= new Map());
  const keys = new Set(items.map(keyOf));
  for (const [key, element] of present) {
    if (keys.has(key)) continue;
    element.remove();
    present.delete(key);
  }
  let previous = null;
  for (const item of items) {
    const key = keyOf(item);
    let element = present.get(key);
    if (element === undefined) present.set(key, (element = create(item)));
    const place = previous === null ? parent.firstElementChild : previous.nextElementSibling;
    if (place !== element) parent.insertBefore(element, place);
    update(element, item);
    previous = element;
  }
}
