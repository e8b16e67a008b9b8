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
   * Moves the cursor to the entry at `seq`, and returns `new` if it has not been read before and `old` if it has.
   * Returns `gap` and does not move if entries before it were lost on the way: the client must resume on a new
   * connection.
   */
  advance(seq: number): 'new' | 'old' | 'gap';
  /** Counts an entry against its page, after it was read. */
  count(): void;
}

/**
 * `offline`: no connection. `open`: connected, and no hello is pending (the last was refused). `greeting`: a hello is
 * pending. `behind`: welcomed, and pages are still to come. `live`: at the head of the log.
 */
type Phase = 'offline' | 'open' | 'greeting' | 'behind' | 'live';

export function createSession(clock: Clock, listener: SessionListener, options: ClientOptions): Session {
  const { key, token } = options;
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
  /** The last page, and how many of its entries are still to come. */
  let page: PageFrame | undefined;
  let left = 0;
  /** The cursor before the last gap. A gap that is still there after resuming is a floor, and is accepted. */
  let gapAfter: number | undefined;

  /** Sends a hello, or after the welcome a rename. While a hello is pending, a new name waits for the welcome. */
  const sendName = () => {
    if (phase === 'behind' || phase === 'live') return send({ type: 'rename', user });
    if (phase !== 'open') return;
    phase = 'greeting';
    greetedAs = user;
    send({ type: 'hello', user, key, token, ...(epoch !== undefined && since !== undefined && { epoch, since }) });
  };
  /** The page is complete: asks for the next one, or is live. */
  const endPage = () => {
    const after = since ?? 0;
    if (page?.more) return send({ type: 'more', after });
    since = Math.max(after, page?.head ?? 0);
    phase = 'live';
    live();
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
      if (user !== greetedAs) sendName();
      return before !== undefined && epoch !== before;
    },
    onPage(frame) {
      // A listener may have closed the client.
      if (phase === 'offline') return;
      page = frame;
      phase = 'behind';
      left = frame.replay;
      if (left === 0) endPage();
    },
    onRefused(frame) {
      const { of, retryMs } = frame;
      if (of === 'more') {
        if (retryMs === undefined) lost();
        else timers.set('page', retryMs, endPage);
      } else if (of === 'hello' || of === 'rename') {
        if (phase === 'greeting') phase = 'open';
        if (retryMs === undefined) refused(frame);
        else timers.set('name', retryMs, sendName);
      }
    },
    advance(seq) {
      if (since !== undefined) {
        if (seq <= since) return 'old';
        if (seq > since + 1 && left === 0 && gapAfter !== since) {
          gapAfter = since;
          return 'gap';
        }
      }
      since = seq;
      return 'new';
    },
    count() {
      if (left > 0 && --left === 0) endPage();
    },
  };
}
