/** Both languages are complete. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_USER_LENGTH } from '../../../src/protocol/limits.ts';
import { outgoingWords } from '../../../src/web/messages/message-row.ts';
import { en, zh } from '../../support/words.ts';

const languages = suite('languages');

languages('have the same keys, of the same kind', () => {
  assert.equal(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const [key, words] of Object.entries(en)) {
    assert.is(typeof Object.entries(zh).find(([name]) => name === key)?.[1], typeof words, key);
  }
});

languages('leave nothing empty and nothing untranslated', () => {
  for (const [key, words] of Object.entries(zh)) {
    if (typeof words !== 'string') continue;
    assert.ok(words.trim(), key);
    if (key !== 'tag') assert.match(words, /\p{Script=Han}/u, key);
  }
  for (const [key, words] of Object.entries(en)) {
    if (typeof words === 'string') assert.match(words, /^[\x20-\x7e…]+$/, key);
  }
});

languages('put the number into what is counted', () => {
  for (const words of [en, zh]) {
    for (const say of [words.guest, words.people, words.waiting, words.missed, words.unread])
      assert.match(say(12), '12');
    assert.match(words.failed('REASON'), 'REASON');
    assert.match(words.badName, `${MAX_USER_LENGTH}`);
  }
  assert.is(zh.missed(12), '此处缺少 12 条消息');
  assert.is(en.missed(1), '1 message is missing here');
  assert.is(en.unread(2), '2 new messages');
});

languages("have no words under the relay's code for having no space, which would be shown for the refusal", () => {
  const refused = { id: 'a', message: 'm', user: 'u', at: 0, state: 'failed', code: 'full' } as const;
  for (const words of [en, zh]) assert.is(outgoingWords(refused, words), words.failed('full'));
});

languages('use the words of the tutorial', () => {
  assert.equal(
    [zh.send, zh.role, zh.close, zh.reconnect, zh.blank],
    ['发送', '更换角色', '手动关闭', '重新连接', '请输入'],
  );
});

languages.run();
