/** The page in English. Every language has the same keys. */

/** The words of the first paint. */
export default {
  /** For `lang` attributes and the forms of dates (BCP 47), and the language's name for itself. */
  tag: 'en',
  language: 'English',

  lobby: 'Lobby',
  guest: (number: number) => `Guest ${number}`,
  people: (count: number) => `${count} online`,
  messages: 'Messages',

  connecting: 'Connecting…',
  connected: 'Connected',
  close: 'Disconnect',

  composer: 'Write a message…',
  send: 'Send',

  role: 'Change name',

  unloaded: 'Could not be loaded. Try again or reload the page.',

  today: 'Today',
  yesterday: 'Yesterday',
};

/** The words of states that come later. */
export const later = {
  quiet: 'No messages yet',

  lost: 'Connection lost. Reconnecting…',
  reconnecting: 'Reconnecting…',
  waiting: (seconds: number) => `Reconnecting in ${seconds} s`,
  closed: 'Disconnected',
  garbage: 'Disconnected: please reload the page',
  stopped: 'Disconnected: no access to this room',
  reconnect: 'Reconnect',
  now: 'Reconnect now',

  blank: 'Please write a message',
  unsent: 'Too many unsent messages',

  name: 'Name',
  save: 'Save',
  cancel: 'Cancel',
  badName: 'Use 1 to 32 characters',

  pending: 'Sending…',
  queued: 'Waiting to be sent',
  unknown: 'May not have been sent',
  failed: (reason: string) => `Not sent. ${reason}.`,
  retry: 'Retry',
  discard: 'Delete',
  'bad-frame': 'Invalid message',
  'bad-user': 'Name not allowed',
  empty: 'Empty message',
  'too-long': 'Message too long',
  'too-big': 'Message too large',
  'too-fast': 'You are going too fast',
  'read-only': 'This room is read-only',
  unavailable: 'Service unavailable',

  'bad-room': 'This room name is not valid',
  'bad-relay': 'This is not the address of a relay',
  blocked: 'The security policy of this page blocks the connection',

  more: 'More',
  copyText: 'Copy text',
  copyLink: 'Copy link',
  share: 'Share…',
  copied: 'Copied',
  notCopied: 'Could not be copied',
  you: '(you)',
  others: (count: number) => `and ${count} more`,

  edited: '(edited)',
  missed: (count: number) => `${count} message${count === 1 ? ' is' : 's are'} missing here`,
  missedSome: 'Some messages may be missing here',
  unread: (count: number) => `${count} new message${count === 1 ? '' : 's'}`,
};
