/** The types that a page which embeds the element gets, in types/. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ChatWindow } from '../src/web/chat-window.ts';
import type { ConnectionState } from '../src/web/client/client.ts';
import type { ReceivedMessage } from '../src/web/conversation.ts';
import type { ChatLauncher } from '../src/web/launcher/chat-launcher.ts';
import type { ChatMessage, ChatState, HTMLChatLauncherElement, HTMLChatWindowElement } from '../types/chat-window.d.ts';
import { compile } from './support/compile.ts';
import { exampleOf } from './support/examples.ts';

/** Compiles only if every value of the first type is one of the second. */
type Fits<A extends B, B> = A;
/** The published types are those of the source: `npm run check` says if they are not. */
export type Published = [
  Fits<ChatWindow, HTMLChatWindowElement>,
  Fits<Omit<ChatLauncher, 'chat'>, Omit<HTMLChatLauncherElement, 'chat'>>,
  Fits<ReceivedMessage, ChatMessage>,
  Fits<ChatMessage, ReceivedMessage>,
  Fits<ConnectionState, ChatState>,
  Fits<ChatState, ConnectionState>,
];

const types = suite('types');

/** In these files, every line after `@ts-expect-error` is an error, and no other is. */
const HOSTS: Readonly<Record<string, string>> = {
  'plain.ts': `
    import './types/chat-window';
    const chat = document.createElement('chat-window');
    Object.assign(chat, { room: 'tea' });
    chat.room = 'tea';
    chat.user = null;
    chat.heartbeat = 'off';
    chat.heartbeat = 3000;
    chat.theme = 'dark';
    export const unread: number = chat.unread;
    export const said: Promise<void> = chat.say('hello').then(() => chat.close());
    chat.addEventListener('message', ({ detail }) => \`\${detail.user}: \${detail.message}\` + (detail.own && !detail.replayed));
    chat.addEventListener('state', ({ detail }) => detail.name === 'waiting' && detail.until.toFixed());
    chat.addEventListener('people', ({ detail }) => detail.list.map(({ from }) => from).length === detail.count);
    chat.addEventListener('unread', ({ detail }) => detail.toFixed());
    chat.addEventListener('error', ({ detail }) => detail === 'bad-room');
    chat.addEventListener('click', event => event.clientX);
    document.querySelector('chat-window')?.focus({ preventScroll: true });
    const launcher = document.createElement('chat-launcher');
    launcher.open = launcher.chat.unread > 0;
    // @ts-expect-error
    chat.theme = 'blue';
    // @ts-expect-error
    chat.room = 7;
    // @ts-expect-error
    chat.heartbeat = 'never';
    // @ts-expect-error
    chat.unread = 3;
    // @ts-expect-error
    chat.say();
    // @ts-expect-error
    chat.addEventListener('message', ({ detail }) => detail.colour);
    // @ts-expect-error
    chat.addEventListener('error', ({ detail }) => detail === 'bad-weather');`,
  'vue.ts': `
    import './types/vue';
    import type { GlobalComponents } from 'vue';
    type Props = InstanceType<GlobalComponents['chat-window']>['$props'];
    export const good: Props = { room: 'tea', theme: 'dark', heartbeat: 5000, onMessage: ({ detail }) => detail.own };
    // @ts-expect-error
    export const room: Props = { room: 7 };
    // @ts-expect-error
    export const theme: Props = { theme: 'blue' };
    // @ts-expect-error
    export const unread: Props = { onUnread: ({ detail }) => detail.length };`,
};

/** The same app for React and Preact, which differ in where things come from. */
const appOf = (types: string, hooks: string, source: string) => `
    /** @jsxImportSource ${source} */
    import '${types}';
    import { useRef } from '${hooks}';
    import type { HTMLChatWindowElement } from './types/chat-window';
    export function App({ room }: { room: string }) {
      const chat = useRef<HTMLChatWindowElement>(null);
      return (
        <div onClick={() => void chat.current?.say('hello')}>
          <chat-window ref={chat} key={room} id="chat" room={room} theme="dark" heartbeat={5000} lang="en" user={null} />
          <chat-window onmessage={({ detail }) => detail.own} onerror={({ detail }) => detail === 'bad-room'} />
          <chat-launcher room="tea" open label="Help" ontoggle={() => chat.current?.focus()} />
          {/* @ts-expect-error */}
          <chat-launcher room="tea" open="maybe" />
          {/* @ts-expect-error */}
          <chat-window room={7} />
          {/* @ts-expect-error */}
          <chat-window theme="blue" />
          {/* @ts-expect-error */}
          <chat-window colour="red" />
          {/* @ts-expect-error */}
          <chat-window onunread={({ detail }) => detail.length} />
        </div>
      );
    }`;

types('fit what a page does, and find what it does wrong', async () => {
  const errors = await compile({
    ...HOSTS,
    'react.tsx': appOf('./types/react', 'react', 'react'),
    'preact.tsx': appOf('./types/preact', 'preact/hooks', 'preact'),
  });
  assert.is(errors, '');
});

types('fit the examples of the document', async () => {
  const example = (heading: string, language: string) => exampleOf('docs/element.md', heading, language);
  const errors = await compile({
    'plain.ts': example('Types', 'ts'),
    'react.tsx': example('React', 'tsx'),
    'preact.tsx': `/** @jsxImportSource preact */\n${example('Preact', 'tsx')}`,
  });
  assert.is(errors, '');
});

types('are not simply any type', async () => {
  const errors = await compile({ 'plain.ts': (HOSTS['plain.ts'] ?? '').replaceAll('@ts-expect-error', '') });
  assert.equal([...errors.matchAll(/plain\.ts\(\d+,\d+\): error TS/g)].length, 7);
});

types.run();
