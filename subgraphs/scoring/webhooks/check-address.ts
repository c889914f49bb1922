import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Nobody's own, everybody's, or a way round: IANA's special-purpose addresses of version 4, and those that clouds answer at. */
const CLOSED_V4 = [
  ['0.0.0.0', 8], // this host, this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // behind a carrier's translation; the metadata of one cloud
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // public by its number, yet each virtual machine of Azure finds its host there
  ['169.254.0.0', 16], // link-local; the metadata of most clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // protocol assignments; the metadata of one cloud
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // sinks of misdirected questions
  ['192.52.193.0', 24], // automatic multicast tunnels
  ['192.88.99.0', 24], // relays to version 6
  ['192.168.0.0', 16],
  ['192.175.48.0', 24], // sinks of misdirected questions
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved; broadcast
] as const;

/** All that was ever given out of version 6. What lies outside is loopback, link-local, a private network or another form of version 4. */
const OPEN_V6 = ['2000::', 3] as const;

/** Inside it, what is not somebody's own network: the tunnels among them carry an address of version 4 that would go unseen. */
const CLOSED_V6 = [
  ['2001::', 23], // protocol assignments, with Teredo, benchmarks and ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['2620:4f:8000::', 48], // sinks of misdirected questions
  ['3fff::', 20], // documentation
] as const;

const closedV4 = new BlockList();
for (const [network, bits] of CLOSED_V4) closedV4.addSubnet(network, bits, 'ipv4');
const openV6 = new BlockList();
openV6.addSubnet(...OPEN_V6, 'ipv6');
const closedV6 = new BlockList();
for (const [network, bits] of CLOSED_V6) closedV6.addSubnet(network, bits, 'ipv6');

/**
 * Whether an address is one of the public internet. A text that is no address, and one with a zone, is not. Version 4 inside
 * version 6 is not either, whatever it stands for: no name of the internet needs it, and who writes it means to hide something.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !closedV4.check(address, 'ipv4');
  return isIPv6(address) && !address.includes('%') && openV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return isIPv4(address) ? loopback.check(address, 'ipv4') : isIPv6(address) && !address.includes('%') && loopback.check(address, 'ipv6');
}
