import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isOriginAllowed } from '../../../src/relay/access/origins.ts';

const origins = suite('origins');

origins('allows every origin by default', () => {
  for (const origin of ['https://a.example', 'null', undefined]) {
    assert.ok(isOriginAllowed(origin, { origins: '*', publicOrigin: undefined }));
  }
});

origins('allows the listed origins, the page of the relay itself, and clients that send none', () => {
  const rules = { origins: ['https://a.example', 'null'], publicOrigin: 'https://own.example' };
  for (const origin of ['https://a.example', 'null', 'https://own.example', undefined]) {
    assert.ok(isOriginAllowed(origin, rules), origin);
  }
});

origins('compares whole origins: neither a part, nor another scheme or port, nor an empty one', () => {
  const rules = { origins: ['https://a.example'], publicOrigin: undefined };
  const foreign = ['https://a.example.evil.example', 'http://a.example', 'https://a.example:8443', 'null', '', '*'];
  for (const origin of foreign) assert.not(isOriginAllowed(origin, rules), origin);
});

origins.run();
