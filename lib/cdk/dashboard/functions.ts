import { Duration } from 'aws-cdk-lib'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { BatonFunction, type FunctionDefaults, type FunctionNetwork } from '../function.ts'
import { type ChainKeys, permissions } from '../permissions.ts'
import type { BatonStore } from '../store.ts'

export type DashboardFunctionsProps = FunctionDefaults & {
  readonly store: BatonStore
  readonly chains: ChainKeys
  readonly readConfig: PolicyStatement
  /** Where the nodes can be reached: the page shows what they say now. */
  readonly network?: FunctionNetwork | undefined
}

/** Carries out an operator's act on the lease: pause, resume, hold, switchover. It writes a head to adopt a chain, or where an operator names one. */
export class Act extends Construct {
  readonly function: BatonFunction

  constructor(
    scope: Construct,
    id: string,
    props: DashboardFunctionsProps & {
      /** Where the gate answers: a chain is adopted only if it does. */
      readonly gateUrl?: string | undefined
    },
  ) {
    super(scope, id)
    const { store, chains, readConfig, network, gateUrl, environment, ...defaults } = props
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      network,
      environment: { ...environment, ...(gateUrl !== undefined && { BATON_GATE_URL: gateUrl }) },
      handler: 'act',
      description: "Baton: carries out an operator's act",
      tracing: true,
      memorySize: 512,
      // To adopt a chain takes as long as its store lets it wait, and must not end halfway.
      timeout: Duration.seconds(60),
    })
    const { readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory } = permissions
    const onRecords = [readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory]
    this.function.allow(
      ...onRecords.map((allow) => allow(store, chains)),
      // A chain to adopt has no records: whether they were lost is seen by the archive, too.
      permissions.missObjects(store),
      readConfig,
    )
  }
}

/** Renders the page for the dashboard. It can read everything and change nothing. */
export class Widget extends Construct {
  readonly function: BatonFunction

  constructor(scope: Construct, id: string, props: DashboardFunctionsProps & { readonly act: Act }) {
    super(scope, id)
    const { store, chains, readConfig, network, act, environment, ...defaults } = props
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      network,
      environment: { ...environment, BATON_ACT_FUNCTION_ARN: act.function.functionArn },
      handler: 'widget',
      description: 'Baton: renders the page in the dashboard',
      tracing: true,
      memorySize: 512,
      timeout: Duration.seconds(15),
    })
    const { readHeads, readLeases, readHistory } = permissions
    const onRecords = [readHeads, readLeases, readHistory]
    this.function.allow(...onRecords.map((allow) => allow(store, chains)), readConfig)
  }
}
