// Which instance types there are: those of the packaged catalog, fewer of them where that is wanted, and added ones,
// each like one of the catalog but for its size and price.
import { instanceType, instanceTypes } from '../../../../core/catalog/index.ts';
import type { InstanceType } from '../../../../core/values/offering.ts';

export interface AddedType {
  /** e.g. `c99g.large` */
  readonly name: string;
  /** A type of the catalog: everything that is not said here is as there. */
  readonly like: string;
  readonly vcpu?: number | undefined;
  readonly memoryMib?: number | undefined;
  /** null: not sold that way. */
  readonly onDemandUsdPerHour?: number | null | undefined;
  readonly spotUsdPerHour?: number | null | undefined;
}

export class InstanceTypes {
  private readonly added: ReadonlyMap<string, AddedType>;
  private readonly own: ReadonlyMap<string, InstanceType>;
  private readonly only: RegExp | null;
  private sorted: readonly InstanceType[] | null = null;

  /**
   * `only`: of the catalog, those whose names fit one of these patterns (`*` stands for anything); null: all.
   * @throws RangeError where an added type is like none of the catalog, or has the name of one
   */
  constructor(added: readonly AddedType[] = [], only: readonly string[] | null = null) {
    this.added = new Map(added.map((one) => [one.name, one]));
    this.own = new Map(added.map((one) => [one.name, made(one)]));
    this.only = only === null ? null : new RegExp(`^(?:${only.map(patternSource).join('|')})$`);
  }

  get(name: string): InstanceType | undefined {
    const own = this.own.get(name);
    if (own) return own;
    const known = instanceType(name);
    return known && this.isKept(name) ? known : undefined;
  }

  /** By name. */
  all(): readonly InstanceType[] {
    if (this.own.size === 0 && this.only === null) return instanceTypes;
    this.sorted ??= [...instanceTypes.filter(({ name }) => this.isKept(name)), ...this.own.values()].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    return this.sorted;
  }

  /** How an added one was asked for; undefined: it is one of the catalog. */
  addedAs(name: string): AddedType | undefined {
    return this.added.get(name);
  }

  private isKept(name: string): boolean {
    return this.only === null || this.only.test(name);
  }
}

/** All of the catalog. */
export const catalogTypes = new InstanceTypes();

/** The source of a regular expression for a text in which `*` stands for anything. */
export function patternSource(pattern: string): string {
  return pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*');
}

function made(added: AddedType): InstanceType {
  const { name, like } = added;
  const base = instanceType(like);
  if (!base) throw new RangeError(`instance type ${name}: there is no type ${JSON.stringify(like)} to be like`);
  if (instanceType(name)) throw new RangeError(`instance type ${name} is in the catalog already; choose another name`);
  const [family = '', size = ''] = name.split('.');
  return {
    ...base,
    ...{ name, family, size },
    vcpu: added.vcpu ?? base.vcpu,
    memoryMib: added.memoryMib ?? base.memoryMib,
    onDemandUsdPerHour: added.onDemandUsdPerHour === undefined ? base.onDemandUsdPerHour : added.onDemandUsdPerHour,
    spotUsdPerHour: added.spotUsdPerHour === undefined ? base.spotUsdPerHour : added.spotUsdPerHour,
  };
}
