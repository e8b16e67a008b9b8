import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Admission, networkOf } from '../../../src/relay/access/admission.ts';
import { DIALECTS } from '../../../src/relay/room/dialect.ts';

const admission = suite('admission');

admission("admits connections up to the relay's limit, and one more when one has left", () => {
  const admission = new Admission({ maxConnections: 2, maxPerAddress: 0 });
  assert.is(admission.enter('192.0.2.1', DIALECTS.v1), undefined);
  assert.is(admission.enter('192.0.2.2', DIALECTS.v1), undefined);
  assert.equal(admission.enter('192.0.2.3', DIALECTS.v1)?.close, { code: 1013, reason: '', delayMs: 0 });
  admission.leave('192.0.2.3', DIALECTS.v1, true);
  admission.leave('192.0.2.1', DIALECTS.v1, false);
  assert.is(admission.enter('192.0.2.3', DIALECTS.v1), undefined);
  assert.is(admission.admitted, 2);
});

admission("admits connections of an address up to the address's limit", () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 2 });
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2']) {
    assert.is(admission.enter(address, DIALECTS.v1), undefined);
  }
  assert.equal(admission.enter('192.0.2.1', DIALECTS.v1)?.close, { code: 4429, reason: '', delayMs: 0 });
});

admission('admits 8 connections of an address in the tutorial dialect, and rejects the next after a delay', () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 200 });
  for (let i = 0; i < 8; i++) assert.is(admission.enter('192.0.2.1', DIALECTS.tutorial), undefined);
  assert.equal(admission.enter('192.0.2.1', DIALECTS.tutorial)?.close, { code: 4429, reason: '', delayMs: 5000 });
  assert.is(admission.enter('192.0.2.1', DIALECTS.v1), undefined, 'the other dialect is open');
  assert.is(admission.enter('192.0.2.2', DIALECTS.tutorial), undefined, 'and to other addresses');
});

admission('counts connections waiting to be rejected, so that nobody can fill the relay with them', () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 20 });
  const delays = Array.from({ length: 22 }, () => admission.enter('192.0.2.1', DIALECTS.tutorial)?.close.delayMs);
  assert.equal(delays.slice(-3), [5000, 0, 0]);
});

admission('does not let one address block others with rejected connections', () => {
  const admission = new Admission({ maxConnections: 10, maxPerAddress: 2 });
  for (let i = 0; i < 50; i++) admission.enter('192.0.2.1', DIALECTS.v1);
  assert.is(admission.enter('192.0.2.1', DIALECTS.v1)?.close.code, 4429);
  assert.is(admission.enter('192.0.2.2', DIALECTS.v1), undefined);
  assert.equal([admission.admitted, admission.count], [3, 52]);
});

admission('has no limit when configured as 0, in either dialect', () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 0 });
  for (let i = 0; i < 500; i++) {
    assert.is(admission.enter('192.0.2.1', DIALECTS.tutorial), undefined);
    assert.is(admission.enter('192.0.2.1', DIALECTS.v1), undefined);
  }
});

admission('does not count connections that have left', () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 1 });
  for (let i = 0; i < 5; i++) {
    assert.is(admission.enter('192.0.2.1', DIALECTS.tutorial), undefined);
    admission.leave('192.0.2.1', DIALECTS.tutorial, false);
  }
  assert.equal([admission.admitted, admission.count], [0, 0]);
});

admission('counts all addresses of an IPv6 subscriber as one', () => {
  assert.is(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.is(networkOf('2001:db8:1:2::9'), '2001:db8:1:2::/64');
  assert.is(networkOf('2001:0DB8:1:2::9'), '2001:db8:1:2::/64');
  assert.is(networkOf('2001:db8::1'), '2001:db8:0:0::/64');
  assert.is(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.is(networkOf('::1'), '0:0:0:0::/64');
  assert.is(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.is(networkOf('192.0.2.1'), '192.0.2.1');
  assert.is(networkOf(''), '');
});

admission.run();
