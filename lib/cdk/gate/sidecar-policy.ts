import { ManagedPolicy } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { permissions } from '../permissions.ts'
import type { BatonStore } from '../store.ts'

/**
 * The rights of a host that runs `baton gate` beside its op-node: it may read and write the head of
 * one chain put payloads too large for it, and note who asked. It cannot reach other chains, Leases or History.
 */
export function sidecarPolicy(scope: Construct, store: BatonStore, chain: string): ManagedPolicy {
  const only = { list: (render: (chain: string) => string[]) => render(chain) }
  return new ManagedPolicy(scope, `Sidecar${chain}`, {
    description: `Baton: a host of chain ${chain} that runs "baton gate"`,
    statements: [
      permissions.readHeads(store, only),
      permissions.writeHeads(store, only),
      permissions.putObjects(store, only, 'spill', 'sightings'),
    ],
  })
}
