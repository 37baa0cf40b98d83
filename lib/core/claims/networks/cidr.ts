// Networks as EC2 writes them: host bits cleared, IPv6 in its shortest form (RFC 5952). EC2 silently
// converts rules to this form, so rules are compared in it, and it decides whether a rule is open to everybody.

/** `10.1.2.3/8` is `10.0.0.0/8`; null where the text is no network. */
export function canonicalCidr(text: string): string | null {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefixText)) return null;
  const isV6 = address.includes(':');
  const parts = isV6 ? groupsOf(address) : bytesOf(address);
  const prefix = Number(prefixText);
  if (parts === null || prefix > (isV6 ? 128 : 32)) return null;
  const masked = parts.map((part, at) => masking(part, prefix, at, isV6 ? 16 : 8));
  return `${isV6 ? shortest(masked) : masked.join('.')}/${String(prefix)}`;
}

/** Its first `prefix` bits, of which `at` parts of `width` bits lie before it. */
function masking(part: number, prefix: number, at: number, width: number): number {
  const kept = Math.min(width, Math.max(0, prefix - at * width));
  const size = 2 ** (width - kept);
  return Math.floor(part / size) * size;
}

function bytesOf(address: string): readonly number[] | null {
  const bytes = address.split('.');
  return bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) <= 255)
    ? bytes.map(Number)
    : null;
}

function groupsOf(address: string): readonly number[] | null {
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => parseInt(group, 16)) : null;
}

/** The longest run of two or more zero groups, the first of equals, becomes `::`. */
function shortest(groups: readonly number[]): string {
  let best = { from: 0, length: 1 };
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  const text = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  return best.length < 2
    ? text(groups)
    : `${text(groups.slice(0, best.from))}::${text(groups.slice(best.from + best.length))}`;
}

/**
 * The whole internet, or so much of it that two such networks are all of it. Networks that organizations have are
 * smaller: IPv4's largest are /8, IPv6's are below /16, but for the private fc00::/7.
 */
export function isOpenToAll(cidr: string): boolean {
  const canonical = canonicalCidr(cidr) ?? cidr;
  const prefix = Number(canonical.split('/')[1]);
  return canonical.includes(':') ? prefix < 16 && !/^f[cd]/.test(canonical) : prefix < 8;
}
