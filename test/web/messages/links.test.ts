import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { splitLinks } from '../../../src/web/messages/links.ts';

const links = suite('links');

const found = (text: string) => splitLinks(text).flatMap(part => (part.href === undefined ? [] : [part.text]));

links('are found among words', () => {
  assert.equal(splitLinks('see https://a.example/b?c=d#e now'), [
    { text: 'see ' },
    { text: 'https://a.example/b?c=d#e', href: 'https://a.example/b?c=d#e' },
    { text: ' now' },
  ]);
});

/** Texts with what must be linked in them, between « and ». A « or » of the text itself is written ‹‹ or ››. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'in English': [
    '«https://a.example»',
    'At «https://a.example/x».',
    'Is it «https://a.example/x»? Yes: «http://b.example»!',
    '(«https://a.example/x»), really?',
    '(see «https://en.example.org/wiki/Foo_(bar)»)',
    '«https://en.example.org/wiki/Foo_(bar)».',
    '«https://en.example.org/wiki/Foo_(bar)_[baz]»',
    '[the page](«https://a.example/x»)',
    '[[«https://a.example/x»]]',
    '{"page":"«https://a.example/x»"}',
    "['«https://a.example/x»','«https://b.example/y»']",
    "«https://en.example.org/wiki/Schindler's_List»",
    "It is '«https://a.example/x»'.",
    '`«https://a.example/x»` is code',
    '**«https://a.example/x»**',
    '_«https://a.example/x»_',
    '<«https://a.example/x»>',
    '|«https://a.example/x»|«https://b.example»|',
    '«https://a.example/x»\\n',
    '«https://a.example»,«https://b.example»',
    '«https://a.example/x»—and more',
    '«https://a.example/a–b»',
    '«https://a.example/x»…',
    '«https://a.example/x»...',
    '“«https://a.example/x»”',
    '«https://a.example:8080/x»: a port',
    '«http://localhost:3000»',
    '«http://192.168.0.1/»',
    '«http://[::1]:3000/x»',
    '«https://a.example/?q=a,b;c&d=%20#/e:f»',
    '«https://a.example/@ann»',
    '«https://a.example?to=ann@b.example»',
    '«https://a.example/x»🎉',
    '«https://a.example»👍🏽',
    '«https://a.example/x»\u200b and \u202eelpmaxe',
    '«HTTPS://A.EXAMPLE/X»',
  ],
  'in French, German and Polish': [
    '‹‹ «https://a.example/x» ››',
    '‹‹«https://a.example/x»››',
    '„«https://a.example/x»“ und ‚«https://b.example»‘',
    '«https://müller.example/straße»',
    '«https://żółw.example», tak',
    '¿«https://a.example/x»?',
  ],
  'with accents of their own, as macOS writes file names': [
    '«https://cafe\u0301.example»',
    'see «https://cafe\u0301.example/cafe\u0301», please',
    '(«https://mu\u0308ller.example:8080/stra\u00dfe»)',
    '«https://vie\u0323\u0302t.example/ta\u0300i-lie\u0323\u0302u».',
    '«https://a.example/Cafe\u0301_(bar)_e\u0301»',
    '«https://\u1112\u1161\u11ab.example/\u1112\u1161\u11ab»',
    '«https://\u304b\u3099.example/\u304b\u3099»。',
    'кто «https://и\u0306од.example/и\u0306»?',
  ],
  'in Greek and Armenian': [
    '«https://παράδειγμα.example/δρόμος»· και',
    '«https://παρα\u0301δειγμα.example»;',
    'Δείτε «https://example.com/α»\u0387',
    'տես «https://example.com/ա»։',
  ],
  'in Chinese': [
    '看«https://example.com»这个网站',
    '看«https://example.com/a»这个网站',
    '看«https://example.com:8080»这个',
    '看«https://example.com/a?b=c»。好的',
    '见«https://a.example/x»，「«https://b.example»」、《«https://c.example/y»》！',
    '“«https://a.example/大厅»”！',
    '«https://zh.example.org/wiki/维基百科»',
    '«https://zh.example.org/wiki/卡尔·马克思»（德国人）',
    '«https://www.例子.中国/路径?问=答#这»',
    '«https://例子.测试» 可以',
    '（«https://a.example/x»）',
    '链接：«https://a.example/x»；',
  ],
  'in Japanese': [
    '«https://example.com»を見て',
    '«https://example.com/a»を見てください。',
    '«https://ja.example.org/wiki/レオナルド・ダ・ヴィンチ»',
    '「«https://example.com/ページ»」です',
  ],
  'in Korean': [
    '«https://example.com»에서 보세요',
    '«https://example.com/a»에서',
    '«https://ko.example.org/wiki/위키백과» 참고',
  ],
  'in Russian and Ukrainian': [
    'Смотри «https://example.com», там',
    '«https://ru.example.org/wiki/Заглавная_страница».',
    '«https://пример.рф/путь»',
    '‹‹«https://пример.рф»››',
  ],
  'in Arabic, Persian and Hebrew': [
    'انظر «https://example.com/a»، ثم',
    'هل رأيت «https://example.com/a»؟',
    '«https://ar.example.org/wiki/العربية»؛',
    '«https://fa.example.org/wiki/می\u200cخواهم»',
    'ראו «https://example.com/א».',
  ],
  'in Hindi and Thai': [
    'देखें «https://example.com/a»।',
    '«https://hi.example.org/wiki/हिन्दी»।',
    'ดู«https://example.com»นะ',
    'ดู«https://example.com/a»นะ',
    '«https://th.example.org/wiki/ภาษาไทย»',
  ],
};

for (const [where, texts] of Object.entries(TEXTS)) {
  links(`have their bounds ${where}`, () => {
    for (const marked of texts) {
      const expected = [...marked.matchAll(/«(.*?)»/g)].map(match => match[1]);
      const text = marked.replaceAll(/[«»]/g, '').replaceAll('‹‹', '«').replaceAll('››', '»');
      assert.equal(found(text), expected, text);
    }
  });
}

links('lead to the host that they show', () => {
  for (const text of [
    '看https://example.com这个网站',
    'https://example.com，写信给ann@evil.example',
    'https://example.com\u3002evil.example',
    'https://example.com\u200b.evil.example',
    'https://example.com\ufe0f',
  ]) {
    assert.equal(splitLinks(text).find(part => part.href !== undefined)?.href, 'https://example.com/', text);
  }
});

links('are not made of addresses with user information', () => {
  for (const text of [
    'https://bank.example@evil.example/',
    'https://bank.example:443@evil.example',
    'https://ann:secret@a.example/x',
    'https://bank.example%2f@evil.example/',
    'https://bank.example\\@evil.example/',
  ]) {
    assert.equal(found(text), [], text);
  }
});

links('are made only of http and https addresses', () => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    'file:///etc',
    'https://',
    'http:// a',
    'https:///a.example',
    'https://()',
  ]) {
    assert.equal(found(text), [], text);
  }
});

links('and the text between them join to the whole text again', () => {
  const texts = Object.values(TEXTS).flat();
  for (const text of [
    '',
    'a',
    'https://a.example',
    ' https://a.example,https://b.example ',
    'http://[x',
    '\n\nhttp://a.example\n',
    ...texts,
    texts.join(''),
  ]) {
    const parts = splitLinks(text);
    assert.is(parts.map(part => part.text).join(''), text);
    assert.ok(parts.every(part => part.text !== ''));
  }
});

links('are found in a long text without backtracking', () => {
  for (const piece of [
    'https://a.',
    'https://',
    'https://a.example/((((',
    'https://a-_',
    "https://a/'",
    'https://例a',
  ]) {
    const text = piece.repeat(2000);
    assert.is(
      splitLinks(text)
        .map(part => part.text)
        .join(''),
      text,
    );
  }
});

links.run();
