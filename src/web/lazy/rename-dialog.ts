/**
 * The dialog to change the name (更换角色): a new name, or one of those used last. A chunk: it imports only types and its
 * styles, and receives everything else. It also keeps these names: in the browser the last ones, in the tab the present
 * one.
 */
import type { cleanUser } from '../../protocol/names.ts';
import type { button, element } from '../browser/dom.ts';
import type { Identity } from '../browser/identity.ts';
import type { KeptStorage } from '../browser/storage.ts';
import type { Client } from '../client/client.ts';
import type { Composer } from '../compose/composer.ts';
import type { createFieldError } from '../compose/field-error.ts';
import type { Words } from '../i18n/languages.ts';
import styles from './rename-dialog.css';

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

export interface RenameContext {
  readonly words: Words;
  readonly relay: string;
  readonly identity: Pick<Identity, 'key'>;
  readonly client: Pick<Client, 'user' | 'rename'>;
  readonly composer: Pick<Composer, 'focus' | 'fail'>;
  readonly local: KeptStorage;
  readonly session: KeptStorage;
  /** In code points. */
  readonly maxLength: number;

  readonly element: typeof element;
  readonly button: typeof button;
  readonly cleanUser: typeof cleanUser;
  readonly createFieldError: typeof createFieldError;
}

const MAX_NAMES = 5;

/** Opens the dialog in `host`, over the page. It is removed when it is closed. */
export default function mount(context: RenameContext, host: Element): { dispose(): void } {
  const { words, client, composer, maxLength, element, button, cleanUser, createFieldError } = context;
  const { user } = client;
  const names = readNames(context);
  const field = element('input', {
    id: 'name',
    // In UTF-16 units, of which a code point has at most two.
    maxlength: `${maxLength * 2}`,
    autocomplete: 'off',
    dir: 'auto',
  });
  const error = createFieldError(field, 'name-error');
  const take = (text: string) => {
    const name = cleanUser(text);
    if (name === undefined) return error.show(() => words.badName);
    dialog.close();
    remember(context, name);
    client.rename(name);
    composer.focus();
  };
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', { id: 'role' }, () => words.role),
    element('label', { for: 'name' }, () => words.name),
    field,
    error.element,
    element(
      'div',
      { class: 'names' },
      ...names.filter(name => name !== user).map(name => button(name, 'plain', () => take(name))),
    ),
    element(
      'div',
      { class: 'actions' },
      button(
        () => words.cancel,
        'plain',
        () => dialog.close(),
      ),
      button(
        () => words.save,
        'send',
        () => take(field.value),
      ),
    ),
  );
  const dialog = element('dialog', { 'aria-labelledby': 'role' }, form);
  // The keyboard of a phone may do so without a key.
  form.addEventListener('submit', event => {
    event.preventDefault();
    take(field.value);
  });
  // In a sandbox without `allow-forms`, a form that is submitted says nothing.
  field.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    // It may end a composition, or still be down since it opened the dialog.
    if (!event.isComposing && event.keyCode !== 229 && !event.repeat) take(field.value);
  });
  // The host page's keyboard shortcuts are not meant for the dialog, nor is its Escape.
  dialog.onkeydown = dialog.onkeypress = dialog.onkeyup = event => event.stopPropagation();
  const dispose = () => dialog.remove();
  dialog.addEventListener('close', dispose);
  const root = host.getRootNode();
  if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  host.append(dialog);
  composer.fail();
  field.value = user;
  dialog.showModal();
  field.select();
  return { dispose };
}

/** The names used last, the newest first. */
function readNames({ relay, local, cleanUser }: RenameContext): string[] {
  try {
    const names: unknown = JSON.parse(local.getItem(`heartline-names:${relay}`));
    if (Array.isArray(names)) return names.filter(name => cleanUser(String(name)) === name);
  } catch {}
  return [];
}

/** Stores a name as the newest, in this browser and for this tab. */
function remember(context: RenameContext, user: string): void {
  const { relay, identity, local, session } = context;
  const names = readNames(context).filter(name => name !== user);
  // The first is the name of the browser's person, which a tab with another key is not.
  const first = identity.key === local.getItem(`heartline-key:${relay}`) ? 0 : 1;
  names.splice(first, 0, user);
  local.setItem(`heartline-names:${relay}`, JSON.stringify(names.slice(0, MAX_NAMES)));
  session.setItem(`heartline-names:${relay}`, user);
}
