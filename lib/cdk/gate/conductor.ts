import { Duration } from 'aws-cdk-lib'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { DESK_RUNS } from '../../lambda/desk.ts'
import { BatonFunction, type FunctionDefaults, type FunctionNetwork } from '../function.ts'
import { type ChainKeys, permissions } from '../permissions.ts'
import type { BatonStore } from '../store.ts'

export type ConductorProps = FunctionDefaults & {
  readonly store: BatonStore
  readonly chains: ChainKeys
  /** The right to read the configuration of every chain. */
  readonly readConfig: PolicyStatement
  /** The network that reaches the nodes. */
  readonly network?: FunctionNetwork | undefined
  /** The prefix of the documents that ask for an approval; absent = nothing needs one. */
  readonly approvals?: string | undefined
}

/**
 * Answers for the gate what op-conductor answers beside the commit path: it reaches leases and nodes, which the gate
 * does not. Only the gate may invoke it. Its concurrency is the most that such calls can take of the gate's.
 */
export class Conductor extends Construct {
  readonly function: BatonFunction

  constructor(scope: Construct, id: string, props: ConductorProps) {
    super(scope, id)
    const { store, chains, readConfig, network, approvals, environment, ...defaults } = props
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      network,
      environment: { ...environment, ...(approvals !== undefined && { BATON_APPROVALS: approvals }) },
      handler: 'conductor',
      description: "Baton: answers op-conductor's getters, acts and proxied calls for the gate",
      memorySize: 512,
      timeout: Duration.seconds(10),
      reservedConcurrency: DESK_RUNS,
    })
    const { readHeads, readLeases, writeLeases, readHistory, appendHistory } = permissions
    const onRecords = [readHeads, readLeases, writeLeases, readHistory, appendHistory]
    this.function.allow(
      ...onRecords.map((allow) => allow(store, chains)),
      permissions.getObjects(store, chains, 'sightings'),
      permissions.missObjects(store),
      readConfig,
    )
  }
}
