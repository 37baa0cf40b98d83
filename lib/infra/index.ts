// What `import … from 'bellows/cdk'` offers.
export { Bellows } from './bellows.ts';
export type { BellowsAuth, BellowsProps, BellowsThrottle, NodeNetwork, PoolDeclaration } from './props.ts';
export type { KubernetesSource, SecretSources, VaultSource } from './functions/secret-sources.ts';
export type { Permission } from './api/route-table.ts';
