import type { IPoint } from './layout';

/** How small and how large a drawing may be shown. */
const SMALLEST = 0.1;
const LARGEST = 3;

/** How small a drawing may be shown and be read. */
const READABLE = 0.75;

/** How far a pointer moves before that is a drag, in pixels. */
const DRAG = 3;

/**
 * Which part of a drawing is seen, and how large; dragged by a pointer and zoomed by a wheel.
 */
export class Viewport {
  /**
   * @param view - What the drawing is seen through.
   * @param content - What is moved in it.
   */
  constructor(view: SVGSVGElement, content: SVGGElement) {
    this._view = view;
    this._content = content;
    view.addEventListener('wheel', this, { passive: false });
    view.addEventListener('pointerdown', this);
    view.addEventListener('pointermove', this);
    view.addEventListener('pointerup', this);
    view.addEventListener('pointercancel', this);
  }

  /**
   * Handle the DOM events of the view.
   */
  handleEvent(event: Event): void {
    if (event instanceof WheelEvent) {
      event.preventDefault();
      const { left, top } = this._view.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      this.zoom(Math.exp(-event.deltaY / 400), at);
    } else if (event instanceof PointerEvent) {
      this._onPointer(event);
    }
  }

  /**
   * Show the drawing larger or smaller.
   *
   * @param at - The place that stays where it is; by default the middle.
   */
  zoom(factor: number, at: IPoint = this._middle): void {
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this._scale * factor));
    const change = scale / this._scale;
    this._scale = scale;
    this._move(at.x - (at.x - this._at.x) * change, at.y - (at.y - this._at.y) * change);
  }

  /**
   * Show all of a drawing of this size, no larger than it is.
   */
  fit(width: number, height: number): void {
    const { clientWidth, clientHeight } = this._view;
    this._scale = Math.max(SMALLEST, Math.min(1, clientWidth / width, clientHeight / height));
    const top = (clientHeight - height * this._scale) / 2;
    this._move((clientWidth - width * this._scale) / 2, Math.max(0, top));
  }

  /**
   * Show all of a drawing of this size if it can be read then, and else what is around a place.
   */
  open(width: number, height: number, at: IPoint): void {
    this.fit(width, height);
    if (this._scale < READABLE) {
      this._scale = READABLE;
      this._center(at);
    }
  }

  /**
   * Bring a place into view.
   */
  reveal(at: IPoint): void {
    const x = this._at.x + at.x * this._scale;
    const y = this._at.y + at.y * this._scale;
    const { clientWidth, clientHeight } = this._view;
    if (x < 0 || y < 0 || x > clientWidth || y > clientHeight) {
      this._center(at);
    }
  }

  private _center({ x, y }: IPoint): void {
    this._move(this._middle.x - x * this._scale, this._middle.y - y * this._scale);
  }

  private get _middle(): IPoint {
    return { x: this._view.clientWidth / 2, y: this._view.clientHeight / 2 };
  }

  private _move(x: number, y: number): void {
    this._at = { x, y };
    this._content.setAttribute('transform', `translate(${x} ${y}) scale(${this._scale})`);
  }

  private _onPointer(event: PointerEvent): void {
    const { clientX: x, clientY: y, pointerId } = event;
    if (event.type === 'pointerdown' && event.button === 0) {
      this._last = { x, y };
    } else if (event.type !== 'pointermove') {
      this._last = null;
    } else if (this._last) {
      const moved = { x: x - this._last.x, y: y - this._last.y };
      const isDragged = this._view.hasPointerCapture(pointerId);
      if (isDragged || Math.hypot(moved.x, moved.y) > DRAG) {
        // From here on, a release is no click on what is under the pointer.
        this._view.setPointerCapture(pointerId);
        this._last = { x, y };
        this._move(this._at.x + moved.x, this._at.y + moved.y);
      }
    }
  }

  private _at: IPoint = { x: 0, y: 0 };
  private _content: SVGGElement;
  private _last: IPoint | null = null;
  private _scale = 1;
  private _view: SVGSVGElement;
}
