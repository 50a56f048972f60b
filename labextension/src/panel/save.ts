/** What the page's style sheets decide on, and a file has to say itself. */
const PROPERTIES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'font-family',
  'font-size',
  'font-weight',
  'paint-order',
  'opacity',
  'visibility'
];

/** How many pixels of an image stand for one of the page. */
const SCALE = 2;

/**
 * Make a drawing of the page one that stands for itself.
 *
 * @param drawing - What is on the page.
 * @param content - The child of it that is to fill the file, in its own coordinates.
 */
export function toSvg(
  drawing: SVGSVGElement,
  content: SVGGElement,
  width: number,
  height: number
): string {
  const copy = drawing.cloneNode(false) as SVGSVGElement;
  const copied = content.cloneNode(true) as SVGGElement;
  const originals = [content, ...content.querySelectorAll<SVGElement>('*')];
  const copies = [copied, ...copied.querySelectorAll<SVGElement>('*')];
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const property of PROPERTIES) {
      copies[index].setAttribute(property, style.getPropertyValue(property));
    }
    copies[index].removeAttribute('class');
    copies[index].removeAttribute('tabindex');
  });
  copied.removeAttribute('transform');
  const background = document.createElementNS(copy.namespaceURI, 'rect');
  background.setAttribute('width', '100%');
  background.setAttribute('height', '100%');
  background.setAttribute('fill', getComputedStyle(drawing).backgroundColor);
  copy.removeAttribute('class');
  copy.setAttribute('width', `${width}`);
  copy.setAttribute('height', `${height}`);
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.append(background, copied);
  return new XMLSerializer().serializeToString(copy);
}

/**
 * Paint a drawing that stands for itself.
 */
export async function toPng(source: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('No image was made'))))
  );
}

/**
 * Have the browser save a file.
 */
export function download(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.download = name;
  link.href = URL.createObjectURL(content);
  link.click();
  URL.revokeObjectURL(link.href);
}
