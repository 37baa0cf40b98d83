// What there is to do for each route of the API.
import type { AnswerOf, InputOf, RouteId, routes } from '../../lib/api/routes.ts';
import type { Caller } from '../../lib/ports/access/identity.ts';

export type Operations = {
  readonly [Id in RouteId]: (
    input: InputOf<(typeof routes)[Id]>,
    caller: Caller,
  ) => Promise<AnswerOf<(typeof routes)[Id]>>;
};

/** Fields of a task that this installation cannot serve, each with its reason. */
export type Unavailable = Readonly<Record<string, string>>;
