/**
 * The types of <chat-window> and <chat-launcher> for a page that embeds it. Those for JSX and for Vue's templates are in the other files of
 * this folder.
 */

/** A person in the room. */
export interface ChatPerson {
  /** The public id, which no one else has. */
  readonly from: string;
  readonly user: string;
}

/** A message in its present form. */
export interface ChatMessage extends ChatPerson {
  readonly type: 'normal';
  /** Its place in the room's log, from 1. */
  readonly seq: number;
  readonly id: string;
  readonly message: string;
  /** When it was stored, in milliseconds since 1970. */
  readonly at: number;
  /** When its text was last replaced, in milliseconds since 1970. */
  readonly edited?: number;
  /** Grows with each new text. */
  readonly rev?: number;
  /** Whether it comes from the history. */
  readonly replayed: boolean;
  /** Whether it is the user's own. */
  readonly own: boolean;
}

/** The state of the connection. */
export type ChatState =
  | { readonly name: 'connecting' }
  | { readonly name: 'connected' }
  /** Broken. The next attempt is at `until`, in milliseconds since 1970. */
  | { readonly name: 'waiting'; readonly until: number }
  /** Closed by the user or by `close`. */
  | { readonly name: 'closed' }
  /** Closed by the relay for good, with this WebSocket close code. */
  | { readonly name: 'stopped'; readonly code: number };

export interface ChatPeople {
  /** How many people are in the room. */
  readonly count: number;
  /** Not complete if there are more than 200. */
  readonly list: readonly ChatPerson[];
}

/** Why there can be no conversation. */
export type ChatError = 'bad-room' | 'bad-relay' | 'blocked';

/** The events of the element itself. */
export interface ChatWindowEvents {
  message: CustomEvent<ChatMessage>;
  state: CustomEvent<ChatState>;
  people: CustomEvent<ChatPeople>;
  /** The tag of the language whose words have just come. */
  language: CustomEvent<string>;
  /** The number of unread messages. */
  unread: CustomEvent<number>;
  error: CustomEvent<ChatError>;
}

export interface ChatWindowEventMap extends Omit<HTMLElementEventMap, 'error'>, ChatWindowEvents {}

/** The properties that are an attribute each. `null` and `undefined` remove the attribute. */
export interface ChatWindowProperties {
  /** The room's name. By default the one in the page's path, else the lobby. */
  get room(): string;
  set room(room: string | null | undefined);
  /** The relay's address, `wss://…`. By default the script's origin. */
  get relay(): string | null;
  set relay(relay: string | null | undefined);
  /** The user's name. By default the last name in this tab or browser, else a guest's. */
  get user(): string | null;
  set user(user: string | null | undefined);
  /** Milliseconds between pings (3000), or `off`. */
  get heartbeat(): string | number | null;
  set heartbeat(heartbeat: 'off' | number | `${number}` | null | undefined);
  /** By default as the user's system is. */
  get theme(): string | null;
  set theme(theme: 'light' | 'dark' | null | undefined);
}

export interface HTMLChatWindowElement extends HTMLElement, ChatWindowProperties {
  /** How many messages the user has not seen. */
  readonly unread: number;
  /**
   * Says a message as the user. Fulfilled once it is in the outbox, from where it is sent when the element is connected.
   * Rejects with a `RangeError` if it is empty or too long, or if the outbox is full. All methods that return a promise
   * reject with an `AbortError` if the element has another conversation, or was removed, before they have run.
   */
  say(text: string): Promise<void>;
  /** Connects again, after `close` or the button *Disconnect*. */
  open(): Promise<void>;
  /** Leaves the room. What is shown and what waits to be sent stays. */
  close(): Promise<void>;
  /** Changes the user's name. It is not stored. Rejects with a `RangeError` if it is not one. */
  rename(user: string): Promise<void>;

  addEventListener<Type extends keyof ChatWindowEventMap>(
    type: Type,
    listener: (this: HTMLChatWindowElement, event: ChatWindowEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof ChatWindowEventMap>(
    type: Type,
    listener: (this: HTMLChatWindowElement, event: ChatWindowEventMap[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** A button that opens a chat window. It has the attributes of the chat window, which it passes on, and these. */
export interface HTMLChatLauncherElement extends HTMLElement {
  /** Whether the chat window is shown. It is an attribute too. */
  open: boolean;
  readonly chat: HTMLChatWindowElement;
}

/** What JSX and templates may set of the launcher. */
export interface ChatLauncherAttributes extends ChatWindowAttributes {
  open?: boolean | undefined;
  /** What the button opens. */
  label?: string | undefined;
}

/** What JSX and templates may set: attributes. */
export interface ChatWindowAttributes {
  room?: string | null | undefined;
  relay?: string | null | undefined;
  user?: string | null | undefined;
  heartbeat?: 'off' | number | `${number}` | null | undefined;
  theme?: 'light' | 'dark' | null | undefined;
  lang?: string | undefined;
}

/** The listeners as React and Preact have them. */
export type ChatWindowListeners = {
  [Type in keyof ChatWindowEvents as `on${Type}`]?: (event: ChatWindowEvents[Type]) => void;
};

declare global {
  interface HTMLElementTagNameMap {
    'chat-window': HTMLChatWindowElement;
    'chat-launcher': HTMLChatLauncherElement;
  }
}
