import { expect, test } from '@jest/globals';
import { isLoopback, isPublicAddress } from './check-address.js';

test.each([
  '1.1.1.1', '8.8.8.8', '93.184.215.14', '11.0.0.0', '9.255.255.255',
  '100.63.255.255', '100.128.0.0', // on both sides of the carriers' own
  '126.255.255.255', '128.0.0.0',
  '169.253.255.255', '169.255.0.0',
  '172.15.255.255', '172.32.0.0',
  '192.167.255.255', '192.169.0.0', '192.0.1.0',
  '168.63.129.15', '168.63.129.17',
  '198.17.255.255', '198.20.0.0', '223.255.255.255',
  '2606:4700:4700::1111', '2a00:1450:4007:80c::2004', '2001:4860:4860::8888', '2000::', '3ffe::1',
  '2001:200::', // the first behind the protocol assignments
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  // This machine and this network.
  '0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.254', '::', '::1', '0:0:0:0:0:0:0:1',
  // Private networks.
  '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.1', '192.168.255.255', 'fc00::1', 'fd00:ec2::254', 'fdff:ffff::1', 'fec0::1',
  // Behind a carrier; link-local; where clouds tell a machine its secrets.
  '100.64.0.0', '100.100.100.200', '100.127.255.255', '169.254.0.1', '169.254.169.254', '169.254.170.2', '192.0.0.192', '168.63.129.16', 'fe80::1', 'fe80::1%eth0', 'febf::1',
  // Documentation, benchmarks, relays, sinks.
  '192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '198.19.255.255', '192.88.99.1', '192.31.196.1', '192.52.193.1', '192.175.48.1',
  '2001:db8::1', '3fff::1', '2001:2::1', '2001:10::1', '2001:20::1', '2001:1ff:ffff::1', '2620:4f:8000::1', '100::1', '5f00::1',
  // Multicast, reserved, broadcast.
  '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', 'ff02::1', 'ff0e::1',
  // Version 4 in other clothes: mapped, compatible, translated, 6to4, Teredo, NAT64.
  '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:a9fe:a9fe', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:127.0.0.1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:808:808::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2', '64:ff9b::127.0.0.1', '64:ff9b::808:808', '64:ff9b:1::a00:1',
  // Never given out.
  '4000::1', '8000::1', 'e000::1', '1000::1',
  // No addresses.
  '', 'localhost', '127.1', '0x7f000001', '2130706433', '1.1.1', '1.1.1.1.1', '1.1.1.1/8', '1.1.1.256', ' 1.1.1.1', '2606:4700:4700::1111%eth0', '[2606:4700:4700::1111]', '01.1.1.1',
])('%j is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([['127.0.0.1', true], ['127.9.9.9', true], ['::1', true], ['128.0.0.1', false], ['10.0.0.1', false], ['::2', false], ['::1%lo', false], ['localhost', false]])('%s is this machine: %p', (address, isOwn) => {
  expect(isLoopback(address)).toBe(isOwn);
});
