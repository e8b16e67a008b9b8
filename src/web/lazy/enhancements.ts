/**
 * What every window gets once it has been painted, in one chunk of several modules: heart line, people, unread messages,
 * reading back, what can be done with a message, an invitation, and a look at the policy of the page. Like every chunk it
 * receives what it needs.
 */
import type { Client } from '../client/client.ts';
import type { MessageList } from '../messages/message-list.ts';
import { createCopy } from './enhancements/clipboard.ts';
import copyLines from './enhancements/copy.ts';
import mountHeartLine from './enhancements/heart-line.ts';
import { mountInvitation } from './enhancements/invitation.ts';
import { mountMessageMenu } from './enhancements/message-menu.ts';
import showPeople, { type PeopleContext, type PeopleUpdate } from './enhancements/people.ts';
import watchPolicy from './enhancements/policy.ts';
import createReadingBack from './enhancements/reading-back.ts';
import createUnread from './enhancements/unread.ts';

export interface EnhancementsContext extends PeopleContext {
  /** Where the heart line goes. */
  readonly heart: Element;
  readonly url: string;
  readonly client: Pick<Client, 'state' | 'you' | 'user'>;
  readonly list: Pick<MessageList, 'element' | 'enhance'>;
  /** The policy of the page forbids the connection. */
  blocked(): void;
}

export interface Enhancements {
  /** The connection has another state. */
  changed(): void;
  /** Shows who is here. */
  people(update: PeopleUpdate): void;
  /** A ping was answered. */
  beat(): void;
  dispose(): void;
}

export default function enhance(context: EnhancementsContext): Enhancements {
  const { url, client, words, element, button, blocked } = context;
  const list = context.list.element;
  const heart = mountHeartLine({ host: context.heart, element });
  const people = showPeople(context);
  context.list.enhance(createUnread, createReadingBack);
  copyLines(list);
  const copy = createCopy({ words, list, element });
  const menu = mountMessageMenu({ words, list, copy, element, button });
  mountInvitation({ words, list, copy, element, button });
  let stopWatching: (() => void) | undefined;
  return {
    // The browser reports each attempt, and the first one fails before anybody listens.
    changed() {
      const { name } = client.state;
      if (name === 'connected') stopWatching?.();
      if (name !== 'waiting') return;
      stopWatching?.();
      stopWatching = watchPolicy(url, blocked);
    },
    people(update) {
      if (context.crowd.isConnected) people(update);
    },
    beat: heart.beat,
    dispose() {
      stopWatching?.();
      heart.dispose();
      menu.dispose();
    },
  };
}
