// The addresses of one subnet: handed out in order, released to the end of the queue, and limited in number.

/** EC2 keeps the first four addresses of a subnet and the last ("Subnet CIDR blocks"). */
const keptAtStart = 4;
const keptAtEnd = 1;

export class AddressPool {
  private readonly network: number;
  private readonly size: number;
  private nextFresh = keptAtStart;
  private readonly used = new Set<number>();
  private readonly returned: number[] = [];

  constructor(network: number, prefix: number) {
    this.network = network;
    this.size = 2 ** (32 - prefix);
  }

  get available(): number {
    return this.size - keptAtStart - keptAtEnd - this.used.size;
  }

  get isEmpty(): boolean {
    return this.used.size === 0;
  }

  contains(address: number): boolean {
    return address >= this.network + keptAtStart && address < this.network + this.size - keptAtEnd;
  }

  isUsed(address: number): boolean {
    return this.used.has(address);
  }

  /** null: none is left. */
  take(): number | null {
    while (this.nextFresh < this.size - keptAtEnd) {
      const address = this.network + this.nextFresh++;
      if (!this.used.has(address)) return this.claim(address);
    }
    for (let address = this.returned.shift(); address !== undefined; address = this.returned.shift()) {
      if (!this.used.has(address)) return this.claim(address);
    }
    return null;
  }

  claim(address: number): number {
    this.used.add(address);
    return address;
  }

  release(address: number): void {
    if (this.used.delete(address)) this.returned.push(address);
  }
}

export function formatAddress(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');
}

/** null where the text is no IPv4 address. */
export function parseAddress(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return null;
  return parts.reduce((address, part) => address * 256 + part, 0);
}

/** null where the text is no IPv4 network with its host bits clear or set; `isCanonical` tells which. */
export function parseCidr(
  text: string,
): { readonly network: number; readonly prefix: number; readonly isCanonical: boolean } | null {
  const [head = '', tail = ''] = text.split('/');
  const address = parseAddress(head);
  if (address === null || !/^\d{1,2}$/.test(tail) || Number(tail) > 32) return null;
  const size = 2 ** (32 - Number(tail));
  const network = Math.floor(address / size) * size;
  return { network, prefix: Number(tail), isCanonical: network === address };
}
