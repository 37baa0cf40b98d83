// What `import … from 'bellows/cdk'` offers.
export { Bellows } from './bellows.ts';
export type { BellowsAuth, BellowsProps, BellowsThrottle, NodeNetwork, PoolDeclaration } from './props.ts';
export type { Permission } from './api/route-table.ts';
