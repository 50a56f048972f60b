const NAMESPACE = 'http://www.w3.org/2000/svg';

/** How round the corners of lines are, in pixels. */
const RADIUS = 5;

/**
 * Make an SVG element with attributes.
 */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {}
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, `${value}`);
  }
  return node;
}

/**
 * A line from the right edge at one height out to the left, and back to it further down.
 */
export function arcPath(right: number, out: number, top: number, bottom: number): string {
  return branchPath(right, out, top, bottom, [bottom]);
}

/**
 * A line from the right edge at one height out to the left and along to an end, with branches back
 * to the right edge.
 */
export function branchPath(
  right: number,
  out: number,
  start: number,
  end: number,
  branches: readonly number[]
): string {
  const round = Math.sign(end - start) * RADIUS;
  const stem = `M${right} ${start}H${out + RADIUS}Q${out} ${start} ${out} ${start + round}V${end - round}`;
  return branches.reduce(
    (path, y) => `${path}M${out} ${y - round}Q${out} ${y} ${out + RADIUS} ${y}H${right}`,
    stem
  );
}
