import { expect, test } from '@jest/globals';
import { printSecret, secretOf } from './webhook-secret.js';
import { signatureOf } from './webhook-signature.js';

const told = { webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
const known = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');

test('a signature is the one that the libraries of Standard Webhooks are tested with', () => {
  expect(signatureOf([known], told)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('two secrets make two signatures, each the one that it makes alone', () => {
  const other = Buffer.alloc(32, 7);
  expect(signatureOf([other, known], told).split(' ')).toEqual([signatureOf([other], told), signatureOf([known], told)]);
});

test('whatever is changed changes the signature', () => {
  const changed = [told, { ...told, webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJel' }, { ...told, timestamp: told.timestamp + 1 }, { ...told, body: '{"test":2432232314}' }];
  expect(new Set(changed.map((each) => signatureOf([known], each))).size).toBe(4);
});

test('a secret has 32 bytes, is the same again, and another one for each firm, endpoint, rotation and key', () => {
  const key = Buffer.alloc(32, 1);
  const owner = { firmId: 'a', endpointId: 'b', secretId: 'c' };
  expect(printSecret(secretOf(key, owner))).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(secretOf(key, owner)).toEqual(secretOf(key, { ...owner }));
  const others = [secretOf(key, { ...owner, firmId: 'd' }), secretOf(key, { ...owner, endpointId: 'd' }), secretOf(key, { ...owner, secretId: 'd' }), secretOf(Buffer.alloc(32, 2), owner)];
  expect(new Set([secretOf(key, owner), ...others].map(printSecret)).size).toBe(5);
});
