/**
 * What the methods of <chat-window> do. A chunk, because most pages call none: it imports only types, and receives
 * everything else.
 */
import type { cleanUser } from '../../protocol/names.ts';
import type { Conversation } from '../conversation.ts';
import type { Words } from '../i18n/languages.ts';

/** The element that a method is called on. */
export interface Callee extends HTMLElement {
  /** Defined while there is a conversation. */
  readonly words: Words | undefined;
}

export interface MethodContext {
  readonly host: Callee;
  /** What the attributes described when the method was called; `false` if the element was not on a page. */
  readonly meant: string | false;
  /** What they describe now. It is something else once the element has been removed, too. */
  described(): string;
  /** The conversation that they describe; `undefined` while there is none. */
  conversation(): Conversation | undefined;
  readonly cleanUser: typeof cleanUser;
}

export type Method = keyof typeof METHODS;

const METHODS = {
  open: ({ open }: Conversation) => open(),
  close: ({ client }: Conversation) => client.close(),
  say({ say }: Conversation, text: string, { host }: MethodContext) {
    const message = text.trimEnd();
    const refused = message === '' ? () => host.words?.blank : say(message);
    if (refused) throw new RangeError(refused());
  },
  rename({ client }: Conversation, text: string, { host, cleanUser }: MethodContext) {
    const user = cleanUser(text);
    if (user === undefined) throw new RangeError(host.words?.badName);
    client.rename(user);
  },
};

/** For developers; the user is not told. */
const GONE = 'The chat window has another conversation by now, or none.';

/** The last call of each element. */
const last = new WeakMap<HTMLElement, Promise<void>>();

/**
 * Runs a method once the element has a conversation, and after the calls before it. Rejects with a `RangeError`, in the
 * words of the page's language, if the value is refused, and with an `AbortError` if another conversation was meant.
 */
export default function call(context: MethodContext, method: Method, value: unknown): Promise<void> {
  const { host, meant, described, conversation } = context;
  const find = () => {
    if (meant !== false && meant !== described()) throw new DOMException(GONE, 'AbortError');
    return conversation();
  };
  const run = async () => {
    let found = find();
    while (!found) {
      await new Promise(done => {
        for (const event of ['state', 'error']) host.addEventListener(event, done, { once: true });
      });
      found = find();
    }
    METHODS[method](found, `${value}`, context);
  };
  const result = (last.get(host) ?? Promise.resolve()).then(run);
  last.set(
    host,
    result.catch(() => {}),
  );
  return result;
}
