/** Makes elements, and updates them in place. Text is always set as text, never as HTML: what is shown comes from a guest. */

type Child = Node | string | undefined | false;
type Attributes = { readonly [name: string]: string | number | boolean | undefined | ((event: never) => void) };

const SVG = "http://www.w3.org/2000/svg";

/** What elements were made with: an update touches nothing else of them, such as what the user has opened. */
const made = new WeakMap<Element, Attributes>();

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  setAttributes(element, attributes);
  element.append(...children.filter(isShown));
}

const isShown = (child: Child): child is Node | string => child !== undefined && child !== false;

function setAttributes(element: Element, attributes: Attributes): void {
  const before = made.get(element) ?? {};
  made.set(element, attributes);
  for (const name of Object.keys({ ...before, ...attributes })) {
    const [old, value] = [before[name], attributes[name]];
    if (old === value) continue;
    if (typeof old === "function") element.removeEventListener(name.slice(2), old as EventListener);
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** An HTML element. Attributes whose names begin with "on" are listeners. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

/** Fills `{0}`, `{1}`, … */
export function format(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

/** CSP forbids style attributes; properties set by script are allowed. */
export function style<E extends ElementCSSInlineStyle>(element: E, properties: { readonly [name: string]: string }): E {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
  return element;
}

const FOCUSABLE = "button, select, summary, [tabindex]";

/**
 * Gives an element these children, in place: those that have a counterpart become like it, so that focus, selection,
 * scrolling and what is open outlive the update. A counterpart is the next of the same tag and first class. When the
 * element with the focus goes, the one that now has its place among those that can have it gets it.
 */
export function setChildren(parent: Element, ...children: readonly Child[]): void {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const place = focused === null ? -1 : [...parent.querySelectorAll(FOCUSABLE)].indexOf(focused);
  const wanted = children.filter(isShown).map((child) => (typeof child === "string" ? new Text(child) : child));
  patchChildren(parent, wanted);
  if (place < 0 || focused === document.activeElement) return;
  const now = parent.querySelectorAll<HTMLElement>(FOCUSABLE);
  now[Math.min(place, now.length - 1)]?.focus({ preventScroll: true });
}

function patchChildren(parent: Element, wanted: readonly Node[]): void {
  let at = parent.firstChild;
  for (const next of wanted) {
    let old = at;
    while (old !== null && kindOf(old) !== kindOf(next)) old = old.nextSibling;
    if (old === null) {
      parent.insertBefore(next, at);
      continue;
    }
    removeBetween(at, old);
    at = old.nextSibling;
    patch(old, next);
  }
  removeBetween(at, null);
}

const kindOf = (node: Node): string => `${node.nodeName} ${node instanceof Element ? (node.classList[0] ?? "") : ""}`;

function removeBetween(first: ChildNode | null, end: ChildNode | null): void {
  for (let at = first; at !== null && at !== end; ) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function patch(old: Node, next: Node): void {
  if (old instanceof Element && next instanceof Element) {
    setAttributes(old, made.get(next) ?? {});
    patchChildren(old, [...next.childNodes]);
  } else if (old.nodeValue !== next.nodeValue) {
    old.nodeValue = next.nodeValue;
  }
}
