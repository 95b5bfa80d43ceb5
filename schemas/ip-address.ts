// IP addresses by range: which are public, which lie in a network of one's own, and which nowhere.

/**
 * `public` is reached over the internet; `private` is this machine or a network of one's own;
 * `special` is for neither: link-local (where clouds keep their metadata), multicast, unspecified,
 * reserved, for documentation, or an IPv4 address dressed as IPv6.
 * https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
export type AddressRange = 'public' | 'private' | 'special';

/** The first that fits counts; what fits none is public as IPv4, and special as IPv6. */
const table: readonly (readonly [string, AddressRange])[] = [
  ['0.0.0.0/8', 'special'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  ['127.0.0.0/8', 'private'],
  ['168.63.129.16/32', 'special'],
  ['169.254.0.0/16', 'special'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'special'],
  ['192.0.2.0/24', 'special'],
  ['192.88.99.0/24', 'special'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'special'],
  ['198.51.100.0/24', 'special'],
  ['203.0.113.0/24', 'special'],
  ['224.0.0.0/3', 'special'],
  ['::1/128', 'private'],
  ['fd00:ec2::254/128', 'special'],
  ['fc00::/7', 'private'],
  // Teredo and 6to4 hold an IPv4 address, and lead where that leads.
  ['2001::/23', 'special'],
  ['2001:db8::/32', 'special'],
  ['2002::/16', 'special'],
  ['3fff::/20', 'special'],
  ['2000::/3', 'public'],
];

const ranges = table.map(([block, range]) => {
  const [address = '', length] = block.split('/');
  return { prefix: (bitsOf(address) ?? '').slice(0, Number(length)), range, family: family(block) };
});

/**
 * The range of an address as it is usually written (dotted decimal, or IPv6 without brackets);
 * undefined for what is no such address, a zone (`fe80::1%eth0`) included.
 */
export function rangeOf(address: string): AddressRange | undefined {
  const bits = bitsOf(address);
  if (bits === undefined) return undefined;
  const own = family(address);
  const found = ranges.find(each => each.family === own && bits.startsWith(each.prefix));
  return found?.range ?? (own === 4 ? 'public' : 'special');
}

function family(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** 32 or 128 digits. */
function bitsOf(address: string): string | undefined {
  return family(address) === 4 ? bits4(address) : bits6(address);
}

function bits4(address: string): string | undefined {
  const parts = address.split('.');
  const isPlain = parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  if (parts.length !== 4 || !isPlain) return undefined;
  return parts.map(part => binary(Number(part), 8)).join('');
}

function bits6(address: string): string | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.map(group => binary(group, 16)).join('');
}

/** Groups of 16 bits; the last two may be written as IPv4. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const inner = i === parts.length - 1 ? bits4(part) : undefined;
      if (inner === undefined) return undefined;
      groups.push(Number.parseInt(inner.slice(0, 16), 2), Number.parseInt(inner.slice(16), 2));
    }
  }
  return groups;
}

function binary(value: number, digits: number): string {
  return value.toString(2).padStart(digits, '0');
}
