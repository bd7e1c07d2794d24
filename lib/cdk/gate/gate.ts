import { Duration, Stack } from 'aws-cdk-lib'
import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { parameterNames } from '../../config/parameter-names.ts'
import { DESK_RUNS } from '../../lambda/desk.ts'
import type { ChainRegistry } from '../chain-registry.ts'
import { BatonFunction, type FunctionDefaults } from '../function.ts'
import { parameterArn } from '../parameters.ts'
import { permissions } from '../permissions.ts'
import type { BatonStore } from '../store.ts'
import { type GateAccess, privateApi, publicApi } from './api.ts'
import { Canary } from './canary.ts'

export type GateProps = FunctionDefaults & {
  /** The name of the API, for people. */
  readonly name: string
  readonly store: BatonStore
  readonly chains: ChainRegistry
  readonly access: GateAccess
  /** The prefix of the parameters, e.g. `/baton/prod`. */
  readonly parameters: string
  /** Whether a deploy tries a new version on a part of the calls first. */
  readonly canary: boolean
  /** Answers what the gate itself does not. */
  readonly conductor: BatonFunction
}

/**
 * Concurrency per chain: a commit, its retry, a leader call and a deploy can overlap. Also the minimum for one chain.
 * Beside these run the calls that wait for the function behind the gate, which are limited.
 */
const RUNS_PER_CHAIN = 5
const LEAST_RUNS = 10

/**
 * The endpoint that `--conductor.rpc` points at: one function behind a REST API. It can write Heads and has no access
 * to Leases.
 */
export class Gate extends Construct {
  readonly function: BatonFunction
  readonly api: RestApi
  /** Answers what op-conductor's clients ask beside commits. */
  readonly conductor: BatonFunction
  /** Absent when a deploy replaces the function at once. */
  readonly canary: Canary | undefined
  /** The URL prefix before `/v1/chains/…` of a node, without a trailing slash. */
  readonly url: string

  constructor(scope: Construct, id: string, props: GateProps) {
    super(scope, id)
    const { name, store, chains, access, parameters, canary, conductor, environment, ...defaults } = props
    this.conductor = conductor
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      environment: { ...environment, BATON_CONDUCTOR_FUNCTION: conductor.functionName },
      handler: 'gate',
      everyBlock: true,
      description: 'Baton: answers conductor_* of the op-nodes',
      memorySize: 1024,
      timeout: Duration.seconds(5),
      reservedConcurrency: chains.count((count) => Math.max(LEAST_RUNS, RUNS_PER_CHAIN * count) + DESK_RUNS),
    })
    this.function.allow(
      permissions.readHeads(store, chains),
      permissions.writeHeads(store, chains),
      permissions.putObjects(store, chains, 'spill', 'sightings'),
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [conductor.functionArn] }),
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:GetParameters'],
        resources: chains.list((chain) => readable(Stack.of(this), parameters, chain)),
      }),
    )
    this.canary = canary
      ? new Canary(this, 'Canary', { handler: this.function, alarmName: `${name}-canary` })
      : undefined
    const handler = this.canary?.alias ?? (this.function as IFunction)
    const { api, url } =
      access.kind === 'private-api'
        ? privateApi(this, handler, access, { name, ...defaults })
        : publicApi(this, handler, access, { name, ...defaults })
    this.api = api
    this.url = url
  }

  /** The `--conductor.rpc` of a node, with a placeholder for its secret. */
  conductorUrl(chain: string, node: string): string {
    return `${this.url.replace('://', `://${node}:SECRET@`)}/v1/chains/${chain}/nodes/${node}`
  }
}

/** By pattern: an ARN for each node and role of ten chains would be longer than a role's rights may be. */
function readable(stack: Stack, prefix: string, chain: string): string[] {
  const { config, secrets, role } = parameterNames(prefix, chain)
  return [config, secrets('*'), role('*')].map((name) => parameterArn(stack, name))
}

/**
 * The rights of a host that runs `baton gate` beside its op-node: read and write the head of one chain, put payloads
 * too large for it, record sightings, and read the lease to say who leads. It cannot grant, for it cannot write Leases,
 * nor reach other chains or History.
 */
export function sidecarPolicy(scope: Construct, store: BatonStore, chain: string): ManagedPolicy {
  const only = { list: (render: (chain: string) => string[]) => render(chain) }
  return new ManagedPolicy(scope, `Sidecar${chain}`, {
    description: `Baton: a host of chain ${chain} that runs "baton gate"`,
    statements: [
      permissions.readHeads(store, only),
      permissions.writeHeads(store, only),
      permissions.readLeases(store, only),
      permissions.putObjects(store, only, 'spill', 'sightings'),
    ],
  })
}
