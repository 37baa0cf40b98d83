// Pages of describe calls: MaxResults within the action's limits, and tokens that only the list that made
// them takes back.
import { Ec2Error } from '../../errors.ts';

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageLimits {
  readonly min: number;
  readonly max: number;
  /** Page size where the caller names none; absent: everything in one answer. */
  readonly byDefault?: number;
}

/**
 * One page of `all`. The token carries the position and a mark of the call's other parameters: a token of
 * another call is refused.
 */
export function pageOf<T>(all: readonly T[], request: PageRequest, limits: PageLimits, call: { readonly pageMark: string }): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const { MaxResults: size } = request;
  if (size !== undefined && (size < limits.min || size > limits.max)) {
    throw new Ec2Error('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between ${limits.min} and ${limits.max}.`);
  }
  const from = request.NextToken === undefined || request.NextToken === '' ? 0 : positionOf(request.NextToken, call.pageMark);
  const to = Math.min(all.length, from + (size ?? limits.byDefault ?? all.length));
  return { items: from === 0 && to === all.length ? all : all.slice(from, to), nextToken: to < all.length ? tokenOf(to, call.pageMark) : undefined };
}

function tokenOf(position: number, mark: string): string {
  return Buffer.from(JSON.stringify([position, mark])).toString('base64url');
}

function positionOf(token: string, mark: string): number {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    // Not one of ours: the check below says so.
  }
  if (Array.isArray(parsed) && Number.isSafeInteger(parsed[0]) && Number(parsed[0]) >= 0 && parsed[1] === mark) return Number(parsed[0]);
  throw new Ec2Error('InvalidNextToken', 'The token is invalid.');
}
