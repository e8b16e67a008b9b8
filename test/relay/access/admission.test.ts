import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Admission } from '../../../src/relay/access/admission.ts';
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
  const refusal = admission.enter('192.0.2.1', DIALECTS.v1);
  assert.equal(refusal?.close, { code: 4429, reason: '', delayMs: 0 });
  assert.is(refusal?.inDialect, undefined);
});

admission('admits 8 connections of an address in the tutorial dialect, and rejects the next after a delay', () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 200 });
  for (let i = 0; i < 8; i++) assert.is(admission.enter('192.0.2.1', DIALECTS.tutorial), undefined);
  const refusal = admission.enter('192.0.2.1', DIALECTS.tutorial);
  assert.equal(refusal?.close, { code: 4429, reason: '', delayMs: 5000 });
  assert.is(refusal?.inDialect, true);
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

admission('counts all addresses of an IPv6 subscriber as one, and allows a site ten times as many', () => {
  const admission = new Admission({ maxConnections: 0, maxPerAddress: 2 });
  const enter = (address: string) => admission.enter(address, DIALECTS.v1)?.close.code;
  const forms = ['2001:db8:1:1::1', '[2001:DB8:1:1:ffff::2]:443', '2001:db8:1:1::3%eth0'];
  assert.equal(forms.map(enter), [undefined, undefined, 4429]);
  for (const form of forms) admission.leave(form, DIALECTS.v1, form === forms[2]);
  const site = Array.from({ length: 21 }, (_, at) => `2001:db8:1:${at.toString(16)}::1`);
  assert.equal(site.map(enter), [...Array(20).fill(undefined), 4429]);
  assert.is(enter('2001:db8:2::1'), undefined, 'another site');
  for (const address of site) admission.leave(address, DIALECTS.v1, address === site[20]);
  assert.is(enter('2001:db8:1::1'), undefined);
});

admission.run();
