// What JupyterLab's packages expect of a browser, and jsdom does not have.
Object.assign(globalThis, { DragEvent: class extends Event {} });
Object.assign(window, {
  IntersectionObserver: class extends EventTarget {},
  ResizeObserver: class extends EventTarget {},
  matchMedia: () => ({ matches: false, addListener: () => undefined })
});
