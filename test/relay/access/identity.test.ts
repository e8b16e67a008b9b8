import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { publicId, randomId } from '../../../src/relay/access/identity.ts';

const identity = suite('identity');

identity('is the first 16 bytes of the SHA-256 of the key, in base64url', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest();
  for (let i = 0; i < 200; i++) {
    const key = `some-long-secret-${i}`;
    assert.is(publicId(key, sha256), sha256(key).subarray(0, 16).toString('base64url'));
  }
});

identity('is random without a key', () => {
  const ids = Array.from({ length: 1000 }, randomId);
  assert.is(new Set(ids).size, 1000);
  for (const id of ids) assert.match(id, /^[\w-]{22}$/);
});

identity.run();
