/**
 * A window for the tests of a suite: a new happy-dom window for each test, or one for the whole suite. Its globals are
 * installed before and removed afterwards, so that suites in one process do not affect each other. The test controls
 * time, animation frames and sizes. Features that happy-dom lacks are added here.
 */
import { Element, Event, KeyboardEvent, ShadowRoot, Window } from 'happy-dom';
import type { Test } from 'uvu';
import { HandClock } from './clock.ts';

/** Properties that browsers reflect (WAI-ARIA 1.2, section 10), but happy-dom does not. */
for (const [property, attribute] of [
  ['ariaInvalid', 'aria-invalid'],
  ['ariaLabel', 'aria-label'],
] as const) {
  Object.defineProperty(Element.prototype, property, {
    configurable: true,
    get(this: Element) {
      return this.getAttribute(attribute);
    },
    set(this: Element, value: string | null) {
      if (value === null) this.removeAttribute(attribute);
      else this.setAttribute(attribute, value);
    },
  });
}

/** Everything can be seen: happy-dom has no layout. */
Object.defineProperty(Element.prototype, 'checkVisibility', { configurable: true, value: () => true });

const sheets = new WeakMap<object, unknown[]>();

/** A module creates its style sheet once, in one window; happy-dom does not let another window adopt it. */
Object.defineProperty(ShadowRoot.prototype, 'adoptedStyleSheets', {
  configurable: true,
  get(this: ShadowRoot) {
    const adopted = sheets.get(this) ?? [];
    sheets.set(this, adopted);
    return adopted;
  },
  set(this: ShadowRoot, adopted: unknown[]) {
    sheets.set(this, adopted);
  },
});

const activeElement = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, 'activeElement');

/** Happy-dom throws if the focus is in another shadow root. */
Object.defineProperty(ShadowRoot.prototype, 'activeElement', {
  configurable: true,
  get(this: ShadowRoot) {
    return this.ownerDocument.activeElement === this.host ? activeElement?.get?.call(this) : null;
  },
});

/** The globals that come from the window. */
const FROM_WINDOW = [
  'document',
  'location',
  'localStorage',
  'sessionStorage',
  'customElements',
  'CSSStyleSheet',
  'CustomEvent',
  'Event',
  'HTMLElement',
  'ShadowRoot',
] as const;

interface Listening {
  readonly target: string;
  readonly type: string;
  readonly listener: unknown;
  readonly signal: Pick<AbortSignal, 'aborted'> | undefined;
}

/** A window that the test controls. */
export class Dom {
  /** Runs the page's timers and provides its `Date.now` and `performance.now`. */
  readonly clock = new HandClock();
  /** Whether the device has a touch screen and no mouse. */
  touch = false;
  /** Whether the browser supports `field-sizing`. */
  fieldSizing = true;
  readonly #window: Window;
  readonly #saved = new Map<string, PropertyDescriptor | undefined>();
  readonly #frames = new Map<number, (now: number) => void>();
  readonly #observers = new Set<FakeObserver<() => void>>();
  readonly #views = new Set<FakeObserver<Watching>>();
  #listening: Listening[] = [];
  #lastFrame = 0;
  #hidden = false;

  constructor(url: string) {
    this.#window = new Window({ url });
    Object.defineProperty(this.#window.document, 'hidden', { get: () => this.#hidden });
    this.#watch('window', this.#window);
    this.#watch('document', this.#window.document);
  }

  /** Installs the window's globals in this process. */
  install(): void {
    const window = this.#window;
    for (const name of FROM_WINDOW) this.define(name, window[name]);
    const { clock } = this;
    const observers = this.#observers;
    // A test that needs other tabs defines it.
    this.define('BroadcastChannel', undefined);
    this.define('navigator', { languages: ['en'] });
    this.define('addEventListener', window.addEventListener.bind(window));
    this.define('removeEventListener', window.removeEventListener.bind(window));
    this.define('dispatchEvent', window.dispatchEvent.bind(window));
    this.define('matchMedia', () => ({ matches: this.touch }));
    this.define('CSS', { supports: () => this.fieldSizing });
    this.define('setTimeout', clock.setTimeout);
    this.define('clearTimeout', clock.clearTimeout);
    this.define('setInterval', (run: () => void, ms: number) => {
      const interval = { timer: clock.setTimeout(again, ms) };
      function again() {
        interval.timer = clock.setTimeout(again, ms);
        run();
      }
      return interval;
    });
    this.define('clearInterval', (interval?: { timer: unknown }) => clock.clearTimeout(interval?.timer));
    this.define('performance', { now: clock.now });
    this.define(
      'Date',
      class extends Date {
        static override now = clock.now;
      },
    );
    this.define('requestAnimationFrame', (run: (now: number) => void) => {
      this.#frames.set(++this.#lastFrame, run);
      return this.#lastFrame;
    });
    this.define('cancelAnimationFrame', (frame: number) => this.#frames.delete(frame));
    this.define(
      'ResizeObserver',
      class extends FakeObserver<() => void> {
        constructor(run: () => void) {
          super(run, observers);
        }
      },
    );
    const views = this.#views;
    this.define(
      'IntersectionObserver',
      class extends FakeObserver<Watching> {
        constructor(run: Watching) {
          super(run, views);
        }
      },
    );
  }

  /** Defines a global until the window is removed. */
  define(name: string, value: unknown): void {
    this.#defineProperty(name, { value, configurable: true, writable: true });
  }

  /** Makes the browser refuse storage, as it does if cookies are blocked. */
  refuseStorage(): void {
    const refuse = () => {
      throw new Error('SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage'])
      this.#defineProperty(name, { get: refuse, configurable: true });
  }

  /** Makes every write of a value fail, as it does if the storage is full. Returns a function that undoes it. */
  fillStorage(): () => void {
    const undo = (['localStorage', 'sessionStorage'] as const).map(name => {
      const storage = globalThis[name];
      const setItem = () => {
        throw new Error('QuotaExceededError');
      };
      const getItem = (key: string) => storage.getItem(key);
      const removeItem = (key: string) => storage.removeItem(key);
      this.define(name, { getItem, setItem, removeItem });
      return () => this.define(name, storage);
    });
    return () => {
      for (const each of undo) each();
    };
  }

  /** Restores every global. */
  async remove(): Promise<void> {
    for (const [name, descriptor] of this.#saved) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
    this.#saved.clear();
    await this.#window.happyDOM.close();
  }

  /** Runs the requested animation frames. */
  frame(): void {
    const frames = [...this.#frames.values()];
    this.#frames.clear();
    for (const run of frames) run(this.clock.now());
  }

  /** Hides the page or shows it. */
  hide(hidden: boolean): void {
    this.#hidden = hidden;
    this.fire(document, 'visibilitychange');
  }

  /** Tells every resize observer that its elements have another size. */
  resize(): void {
    for (const observer of this.#observers) observer.run();
  }

  /** Tells every intersection observer that its elements have come into view or gone out of it. */
  scrollPage(isIntersecting: boolean): void {
    for (const observer of this.#views) observer.run([{ isIntersecting }]);
  }

  /** Dispatches a bubbling, cancelable event at the clock's time. Returns it as a browser's event. */
  fire(
    target: EventTarget | null | undefined,
    type: string,
    more: Readonly<Record<string, unknown>> = {},
  ): globalThis.Event {
    const { key, keyCode, isComposing, shiftKey, altKey, ctrlKey, metaKey, ...rest } = more;
    const options = { bubbles: true, cancelable: true, composed: true };
    const keys = { key, keyCode, isComposing, shiftKey, altKey, ctrlKey, metaKey };
    const event =
      key === undefined ? new Event(type, options) : new KeyboardEvent(type, { ...options, ...keys } as object);
    for (const [name, value] of Object.entries({ timeStamp: this.clock.now(), ...rest })) {
      Object.defineProperty(event, name, { value });
    }
    if (!target) throw new Error(`there is nothing to fire ${type} at`);
    Reflect.apply(target.dispatchEvent, target, [event]);
    return event as unknown as globalThis.Event;
  }

  /** Presses a key. */
  press(
    target: EventTarget | null | undefined,
    key: string,
    more: Readonly<Record<string, unknown>> = {},
  ): globalThis.Event {
    return this.fire(target, 'keydown', { key, ...more });
  }

  /** Timers, listeners and observers that remain although their owner has been removed. */
  get leftovers(): string[] {
    return [
      ...this.#listening
        .filter(({ signal }) => !signal?.aborted)
        .map(({ target, type }) => `listener for ${type} on ${target}`),
      ...Array.from({ length: this.clock.pending }, () => 'timer'),
      ...[...this.#frames].map(() => 'frame'),
      ...[...this.#observers].map(() => 'resize observer'),
      ...[...this.#views].map(() => 'intersection observer'),
    ];
  }

  #defineProperty(name: string, descriptor: PropertyDescriptor): void {
    if (!this.#saved.has(name)) this.#saved.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, descriptor);
  }

  // Records the listeners of the window and the document, which outlive every view.
  #watch(name: string, target: Pick<Window, 'addEventListener' | 'removeEventListener'>): void {
    const add = target.addEventListener.bind(target);
    const remove = target.removeEventListener.bind(target);
    target.addEventListener = (type, listener, options) => {
      const signal = typeof options === 'object' ? options.signal : undefined;
      this.#listening.push({ target: name, type, listener, signal });
      add(type, listener, options);
    };
    target.removeEventListener = (type, listener) => {
      this.#listening = this.#listening.filter(
        one => one.target !== name || one.type !== type || one.listener !== listener,
      );
      remove(type, listener);
    };
  }
}

type Watching = (entries: readonly { readonly isIntersecting: boolean }[]) => void;

class FakeObserver<Run> {
  readonly run: Run;
  readonly #all: Set<FakeObserver<Run>>;

  constructor(run: Run, all: Set<FakeObserver<Run>>) {
    this.run = run;
    this.#all = all;
  }

  observe(): void {
    this.#all.add(this);
  }

  disconnect(): void {
    this.#all.delete(this);
  }
}

/** The context of a test in a suite with a window. */
export interface DomContext {
  dom: Dom;
}

/**
 * Gives each test of the suite its own window. With `per: 'suite'` they share one, because a custom element can be
 * defined only once.
 */
export function useDom(
  suite: Test<DomContext>,
  { url = 'http://localhost:8000/', per = 'test' }: { readonly url?: string; readonly per?: 'test' | 'suite' } = {},
): void {
  const begin = (context: DomContext) => {
    context.dom = new Dom(url);
    context.dom.install();
  };
  const end = ({ dom }: DomContext) => dom.remove();
  if (per === 'test') {
    suite.before.each(begin);
    suite.after.each(end);
  } else {
    suite.before(begin);
    suite.after(end);
  }
}
