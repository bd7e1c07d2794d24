/**
 * Baton's constructs for a CDK app of your own.
 *
 *     const baton = new Baton(stack, 'Baton', { parameters: '/baton/prod' })
 *     new BatonChain(stack, 'Chain901', { baton, settings })
 */
export type { AppConfig } from '../lib/cdk/app-config.ts'
export { readAppConfig } from '../lib/cdk/app-config.ts'
export { Baton, type BatonProps } from '../lib/cdk/baton.ts'
export { BatonChain, type BatonChainProps } from '../lib/cdk/baton-chain.ts'
export type { ChainSettings, NodeSettings } from '../lib/cdk/chain-settings.ts'
export type { GateAccess } from '../lib/cdk/gate/api.ts'
export type { NetworkProps } from '../lib/cdk/network.ts'
export { Resequencing, type ResequencingProps } from '../lib/cdk/resequence.ts'
export { BatonStack, type BatonStackProps } from '../lib/cdk/stack.ts'
export type { GlobalHeads } from '../lib/cdk/store.ts'
export { BatonError } from '../lib/errors.ts'
