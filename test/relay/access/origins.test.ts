import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isOriginAllowed } from '../../../src/relay/access/origins.ts';

const origins = suite('origins');

origins('allows every origin by default', () => {
  for (const origin of ['https://a.example', 'null', undefined]) {
    assert.ok(isOriginAllowed(origin, { origins: '*', publicOrigin: undefined }));
  }
});

origins("allows the listed origins, the relay's own page, and clients that send no origin", () => {
  const rules = { origins: ['https://a.example', 'null'], publicOrigin: 'https://own.example' };
  for (const origin of ['https://a.example', 'null', 'https://own.example', undefined]) {
    assert.ok(isOriginAllowed(origin, rules), origin);
  }
});

origins('compares whole origins, and rejects a partial match, another scheme or port, and an empty origin', () => {
  const rules = { origins: ['https://a.example'], publicOrigin: undefined };
  const foreign = ['https://a.example.evil.example', 'http://a.example', 'https://a.example:8443', 'null', '', '*'];
  for (const origin of foreign) assert.not(isOriginAllowed(origin, rules), origin);
});

origins.run();
