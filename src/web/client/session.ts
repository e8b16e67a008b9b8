/**
 * Keeps a client's position in the log: hello, resuming, pages, and the cursor that moves over every entry. It knows no
 * socket: the client passes frames to it, and tells it when a connection opens and closes.
 */
import type { ClientFrame, PageFrame, Refused, Welcome } from '../../protocol/frames.ts';
import { type Clock, createTimers } from './timers.ts';
import type { ClientOptions } from './types.ts';

export interface SessionListener {
  send(frame: ClientFrame): void;
  /** Everything up to the head of the log has arrived. */
  live(): void;
  /** This connection cannot go on: a new one must resume. */
  lost(): void;
  /** A hello or a rename was refused for good. */
  refused(frame: Refused): void;
}

export interface Session {
  readonly user: string;
  /** The user's public id, `''` before the first welcome. */
  readonly you: string;
  /** The epoch of the room's log, an opaque string; `undefined` before the first welcome. */
  readonly epoch: string | undefined;
  /** Whether there is no cursor yet, so that the next page is the newest page. */
  readonly joining: boolean;
  /** Whether the next entry comes from a page. */
  readonly replaying: boolean;
  rename(user: string): void;
  /** A connection is open: says hello. */
  onOpen(): void;
  /** The connection is closed. */
  onDrop(): void;
  /** Returns whether the log has been replaced, so that no earlier entry is in it. */
  onWelcome(frame: Welcome): boolean;
  /** A page begins: its entries follow, if it has any. */
  onPage(page: PageFrame): void;
  /** A hello, a rename or a `more` was refused. */
  onRefused(frame: Refused): void;
  /**
   * Moves the cursor to the entry at `seq`, and returns true if it has not been read before and false if it has. Returns
   * `undefined` and does not move if entries before it were lost on the way: this connection is lost.
   */
  advance(seq: number): boolean | undefined;
  /** Counts an entry against its page, after it was read. */
  count(): void;
}

/**
 * `offline`: no connection. `open`: connected, and no hello is pending (the last was refused). `greeting`: a hello is
 * pending. `behind`: welcomed, and pages are still to come. `live`: at the head of the log.
 */
type Phase = 'offline' | 'open' | 'greeting' | 'behind' | 'live';

/** A page is lost if nothing of it arrives for so long, although the connection is alive. */
const PAGE_MS = 10_000;

export function createSession(clock: Clock, listener: SessionListener, options: ClientOptions): Session {
  const { token } = options;
  const { send, live, lost, refused } = listener;
  const timers = createTimers(clock);
  let { user } = options;
  let you = '';
  let phase: Phase = 'offline';
  /** The name in the last hello. */
  let greetedAs: string | undefined;
  let epoch: string | undefined;
  /** The cursor: the last seq counted. */
  let since: number | undefined;
  /** The last page: its head, whether there is more, and how many of its entries are still to come. */
  let head = 0;
  let more: boolean | undefined;
  let left = 0;
  /** Whether that page is the newest page, and whether its next entry may leave places out. */
  let newest: boolean | undefined;
  let mayJump: boolean | undefined;
  /** The cursor before the last gap. A gap that is still there after resuming is a floor, and is accepted. */
  let gapAfter: number | undefined;

  /** Sends a hello, or after the welcome a rename. While a hello is pending, a new name waits for the welcome. */
  const sendName = () => {
    if (phase === 'behind' || phase === 'live') return send({ type: 'rename', user });
    if (phase !== 'open') return;
    phase = 'greeting';
    greetedAs = user;
    send({
      type: 'hello',
      user,
      key: options.key,
      token,
      ...(epoch !== undefined && since !== undefined && { epoch, since }),
    });
  };
  /** Something was lost on the way. What is missing in a newest page cannot be told: it is read again. */
  const resume = () => {
    if (left > 0 && newest) {
      since = undefined;
      // The next log counts as another one.
      epoch = '';
    }
    lost();
  };
  /** Waits for a page, or for the rest of it. */
  const awaitPage = () => timers.set('page', PAGE_MS, resume);
  /** The page is complete: asks for the next one, or is live. */
  const endPage = () => {
    const after = since ?? 0;
    awaitPage();
    if (more) return send({ type: 'more', after });
    timers.clear('page');
    since = Math.max(after, head);
    phase = 'live';
    live();
  };

  /** Counts entries of the page. */
  const count = (entries: number) => {
    left -= entries;
    if (left > 0) awaitPage();
    else endPage();
  };

  return {
    get user() {
      return user;
    },
    get you() {
      return you;
    },
    get epoch() {
      return epoch;
    },
    get joining() {
      return since === undefined;
    },
    get replaying() {
      return left > 0;
    },
    rename(name) {
      user = name;
      sendName();
    },
    onOpen() {
      phase = 'open';
      sendName();
    },
    onDrop() {
      phase = 'offline';
      left = 0;
      timers.clearAll();
    },
    onWelcome(frame) {
      const before = epoch;
      ({ you, epoch } = frame);
      phase = 'behind';
      if (epoch !== before) since = gapAfter = undefined;
      awaitPage();
      if (user !== greetedAs) sendName();
      return before !== undefined && epoch !== before;
    },
    onPage(frame) {
      // A listener may have closed the client.
      if (phase === 'offline') return;
      ({ replay: left, head, more } = frame);
      phase = 'behind';
      newest = since === undefined;
      mayJump = newest || frame.missed !== 0;
      count(0);
    },
    onRefused(frame) {
      const { of, retryMs } = frame;
      if (of === 'more') {
        if (retryMs === undefined) resume();
        else timers.set('page', retryMs, endPage);
      } else if (of === 'hello' || of === 'rename') {
        if (phase === 'greeting') phase = 'open';
        if (retryMs === undefined) refused(frame);
        else timers.set('name', retryMs, sendName);
      }
    },
    advance(seq) {
      const after = since ?? 0;
      if (seq <= after) return false;
      const jumps = seq > after + 1;
      if (left > 0 ? seq > head || (jumps && !mayJump) : jumps && (phase !== 'live' || gapAfter !== since)) {
        gapAfter = since;
        resume();
        return undefined;
      }
      mayJump = newest;
      since = seq;
      return true;
    },
    count() {
      if (left > 0) count(1);
    },
  };
}
