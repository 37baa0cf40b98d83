// All checkers, one invariant a file. They share no logic with control and look at the truth alone.
import type { WatcherOf } from '../truth.ts';
import { acceptedIsDurable } from './01-accepted-is-durable.ts';
import { oneKeyOneRequest } from './02-one-key-one-request.ts';
import { limits } from './03-limits.ts';
import { paidCapacity } from './27-paid-capacity.ts';
import { limitsOfVolumes } from './claims/03-limits-of-volumes.ts';
import { oneLaunchOneEffect } from './protocol/04-one-launch-one-effect.ts';
import { nothingLeaks } from './05-nothing-leaks.ts';
import { nothingClaimedLeaks } from './claims/05-nothing-claimed-leaks.ts';
import { noOvercommit } from './06-no-overcommit.ts';
import { oneCurrentAttempt } from './tasks/07-one-current-attempt.ts';
import { noBusyTermination } from './08-no-busy-termination.ts';
import { attachedOnce } from './claims/09-attached-once.ts';
import { together } from './claims/10-together.ts';
import { apartAndNear } from './tasks/19-apart-and-near.ts';
import { oneTenantPerNode } from './tasks/26-one-tenant-per-node.ts';
import { gangsStartWhole } from './tasks/21-gangs-start-whole.ts';
import { spreadsStayLevel } from './tasks/23-spread.ts';
import { higherPriorityFirst } from './tasks/24-priority.ts';
import { noStarvation } from './tasks/12-no-starvation.ts';
import { quiescence } from './13-quiescence.ts';
import { convergence } from './tasks/14-convergence.ts';
import { claimConvergence } from './claims/14-claim-convergence.ts';
import { everyEndIsPublished } from './15-every-end-is-published.ts';
import { wakesAreServedFirst } from './protocol/16-wakes-are-served-first.ts';
import { archive } from './protocol/25-archive.ts';
import { figures } from './protocol/28-figures.ts';
import { shadowHasNoEffect } from './protocol/29-shadow.ts';
import { warmNodes } from './protocol/31-warm-nodes.ts';
import { budgets } from './protocol/11-budgets.ts';
import { consolidates } from './protocol/19-consolidation.ts';
import { operatorsBrake } from './protocol/18-operators-brake.ts';
import { services } from './protocol/20-services.ts';
import { servicesScaling } from './protocol/20-services-scaling.ts';
import { idleTicks } from './protocol/22-idle-ticks.ts';
import { fencedTicksStop } from './protocol/17-fenced-ticks-stop.ts';

export const checkers: readonly WatcherOf[] = [
  acceptedIsDurable,
  oneKeyOneRequest,
  limits,
  paidCapacity,
  oneLaunchOneEffect,
  nothingLeaks,
  noOvercommit,
  oneCurrentAttempt,
  noBusyTermination,
  noStarvation,
  apartAndNear,
  gangsStartWhole,
  spreadsStayLevel,
  higherPriorityFirst,
  oneTenantPerNode,
  quiescence,
  convergence,
  everyEndIsPublished,
  limitsOfVolumes,
  nothingClaimedLeaks,
  attachedOnce,
  together,
  claimConvergence,
  wakesAreServedFirst,
  fencedTicksStop,
  operatorsBrake,
  budgets,
  consolidates,
  services,
  servicesScaling,
  idleTicks,
  archive,
  figures,
  shadowHasNoEffect,
  warmNodes,
];
