/** The words of the launcher, before and beside those of the chat window. */

export interface LauncherWords {
  /** What the button opens. */
  readonly label: string;
  /** The name of the button, with what the chat window says about unread messages. */
  name(label: string, unread: string): string;
}

/** By tag, in lower case. */
export const LAUNCHER_WORDS: Readonly<Record<string, LauncherWords>> = {
  en: { label: 'Chat', name: (label, unread) => `${label}, ${unread}` },
  zh: { label: '聊天', name: (label, unread) => `${label}，${unread}` },
};
