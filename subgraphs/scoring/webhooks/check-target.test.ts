import { expect, test } from '@jest/globals';
import { Refusal } from '../../../src/errors.js';
import { demandTarget, leaveOf } from './check-target.js';

const PUBLIC = leaveOf({ sandbox: true });
const PRIVATE = leaveOf({ sandbox: false, webhookPrivateTargets: true });
const SANDBOX = leaveOf({ sandbox: true, webhookPrivateTargets: true });

test.each([
  ['https://hooks.example.com', 'https://hooks.example.com/'],
  ['https://HOOKS.example.com:443/a?b=c', 'https://hooks.example.com/a?b=c'],
  ['https://hooks.example.com:8443/', 'https://hooks.example.com:8443/'],
  ['https://hooks.example.com:1024/', 'https://hooks.example.com:1024/'],
  ['https://1.1.1.1/hook', 'https://1.1.1.1/hook'],
  ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
])('%s is taken as %s', (text, href) => {
  expect(demandTarget(text, PUBLIC)).toBe(href);
});

test.each([
  '', 'hooks.example.com', '//hooks.example.com', 'http://hooks.example.com/', 'ftp://hooks.example.com/', 'file:///etc/passwd', 'javascript:alert(1)', 'data:,x', 'https://', 'https:///',
  'https://user@hooks.example.com/', 'https://user:word@hooks.example.com/', 'https://:word@hooks.example.com/', 'https://hooks.example.com/#part',
  'https://hooks.example.com:22/', 'https://hooks.example.com:25/', 'https://hooks.example.com:1023/', 'https://hooks.example.com:0/', 'https://hooks.example.com:80/', 'https://hooks.example.com:65536/',
  'https://localhost/', 'https://LOCALHOST./', 'https://a.localhost/', 'https://db/', 'https://metadata.google.internal/', 'https://printer.local/', 'https://router.home.arpa/', 'https://intranet/',
  'https://127.0.0.1/', 'https://127.1/', 'https://0x7f.1/', 'https://2130706433/', 'https://017700000001/', 'https://0/', 'https://10.0.0.1/', 'https://192.168.1.1:8443/', 'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/', 'https://[::1]/', 'https://[::]/', 'https://[::ffff:127.0.0.1]/', 'https://[::ffff:8.8.8.8]/', 'https://[fe80::1]/', 'https://[fd00::1]/', 'https://[64:ff9b::7f00:1]/', 'https://[2002:7f00:1::]/',
  'https://１２７.0.0.1/', 'https://127。0。0。1/', 'https://①②⑦.0.0.1/', // forms of the same that a browser folds
  `https://hooks.example.com/${'a'.repeat(2000)}`, `https://hooks.example.com/${'é'.repeat(500)}`,
])('%j is refused', (text) => {
  expect(() => demandTarget(text, PUBLIC)).toThrow(Refusal);
});

test('with leave a private network is taken over https, and in a sandbox this machine without', () => {
  expect(demandTarget('https://10.0.0.1/', PRIVATE)).toBe('https://10.0.0.1/');
  expect(demandTarget('https://crm/hook', PRIVATE)).toBe('https://crm/hook');
  expect(() => demandTarget('http://localhost:4567/', PRIVATE)).toThrow(Refusal);
  expect(demandTarget('http://localhost:4567/', SANDBOX)).toBe('http://localhost:4567/');
  expect(demandTarget('http://127.0.0.1:4567/', SANDBOX)).toBe('http://127.0.0.1:4567/');
  expect(demandTarget('http://[::1]:4567/', SANDBOX)).toBe('http://[::1]:4567/');
  expect(() => demandTarget('http://10.0.0.1:4567/', SANDBOX)).toThrow(Refusal);
  expect(() => demandTarget('http://localhost.example.com:4567/', SANDBOX)).toThrow(Refusal);
  expect(() => demandTarget('https://user@localhost:4567/', SANDBOX)).toThrow(Refusal);
});
