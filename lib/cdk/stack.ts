import { CfnOutput, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { AlarmTargets } from './alarms/alarm-topics.ts'
import type { AppConfig } from './app-config.ts'
import { Baton } from './baton.ts'
import { BatonChain } from './baton-chain.ts'
import { gateAccess, importNetwork } from './network.ts'
import { addOperatorOutputs } from './outputs.ts'
import { Resequencing } from './resequence.ts'

export type BatonStackProps = StackProps & {
  readonly config: AppConfig
  /** Default: true. False omits the SSM documents, which emulators do not support. */
  readonly documents?: boolean
  /** Default: true. False puts the gate on a public API instead of the private one: for emulators. */
  readonly privateGate?: boolean
  /** Default: true. False creates alarms without expressions, which emulators do not support. */
  readonly metricMath?: boolean
  /** The address of an emulator that serves the public API. */
  readonly emulator?: string | undefined
  /** False replaces the gate at once. Default: true, but in an emulator. */
  readonly canary?: boolean
}

/** The stack of one configuration file. */
export class BatonStack extends Stack {
  readonly baton: Baton
  readonly chains: readonly BatonChain[]

  constructor(scope: Construct, id: string, props: BatonStackProps) {
    const {
      config,
      documents = true,
      privateGate = true,
      metricMath = true,
      emulator,
      canary = true,
      ...stackProps
    } = props
    super(scope, id, {
      description: 'Baton: decides who may publish the next block of a rollup',
      // An emulator does not know it.
      terminationProtection: emulator === undefined && (config.terminationProtection ?? true),
      ...stackProps,
    })
    const { name, alarms, approvers, archiveDays, logDays, monitor, monitorMemory, globalHeads } = config
    const { tracing, dashboard } = config
    const network = importNetwork(this, config.network)
    const gate = gateAccess(this, config, network, emulator, privateGate)
    this.baton = new Baton(this, 'Baton', {
      name,
      parameters: `/baton/${name}`,
      documentPrefix: `Baton-${name}`,
      approvers,
      documents,
      metricMath,
      canary: canary && emulator === undefined,
      settle: emulator === undefined,
      ...(network && { network }),
      ...(gate && { gate }),
      ...(archiveDays !== undefined && { archiveRetention: Duration.days(archiveDays) }),
      ...(logDays !== undefined && { logRetention: logDays as RetentionDays }),
      ...(monitor !== undefined && { monitor }),
      ...(monitorMemory !== undefined && { monitorMemory }),
      ...(globalHeads && { globalHeads }),
      ...(config.store && { store: config.store }),
      ...(tracing !== undefined && { tracing }),
      alarmTargets: targetsOf(alarms),
      ...(dashboard !== undefined && { dashboard }),
      ...(alarms.runbook !== undefined && { runbook: alarms.runbook }),
    })
    this.chains = config.chains.map(
      (settings) => new BatonChain(this, `Chain${settings.chain.id}`, { baton: this.baton, settings }),
    )
    const resequencing =
      config.zkChains.length > 0
        ? new Resequencing(this, 'Resequencing', { baton: this.baton, chains: config.zkChains })
        : undefined
    if (globalHeads) {
      const warning =
        'globalHeads works at the first deploy of a stack only: AWS makes a strongly consistent global table of an empty table. It keeps a copy of the head in other regions; gate, monitor, leases and history stay in this one, and nothing fails over. To give it to a chain that runs, see docs/install.md#upgrade'
      Validations.of(this.baton.store.heads).addWarning('baton:globalHeads', warning)
    }
    this.#addOutputs()
    addOperatorOutputs(this, this.baton, resequencing)
  }

  /** The outputs needed after a deploy. */
  #addOutputs(): void {
    const { gate, store } = this.baton
    const out = (id: string, value: string, description: string) => new CfnOutput(this, id, { value, description })
    out('HeadsTable', store.heads.tableName, 'The table of heads: what "baton gate" on a host writes')
    out('LeasesTable', store.leases.tableName, 'The table of leases')
    out('HistoryTable', store.history.tableName, 'The table of decisions and acts')
    out('PayloadsTable', store.payloads.tableName, 'The table of small archived payloads')
    out('Bucket', store.bucket.bucketName, 'The archive of committed payloads')
    if (gate) out('GateUrl', gate.url, 'Where the gate answers')
    else
      out('MonitorPolicy', this.baton.monitorPolicy().managedPolicyArn, 'For the role of a host with "baton monitor"')
    for (const chain of this.chains) {
      const id = `Chain${chain.chain}`
      out(`${id}Config`, `ssm:${chain.config.parameterName}`, 'For the CLI: baton status --config …')
      out(
        `${id}SecretsCommand`,
        chain.secretsCommand,
        'It gives every node a secret that has none; run it again when a node was added',
      )
      const [node = ''] = chain.nodes
      const url = chain.conductorUrl(node)
      if (url) out(`${id}ConductorRpc`, url, `--conductor.rpc of ${node}; the others with their own names and secrets`)
      else
        out(`${id}SidecarPolicy`, this.baton.sidecarPolicy(chain.chain).managedPolicyArn, 'For the role of every host')
    }
  }
}

/** "email" receives every severity. */
function targetsOf({ email, page = [], ticket = [], note = [] }: AppConfig['alarms']): AlarmTargets {
  const all = email === undefined ? [] : [email]
  return { page: [...all, ...page], ticket: [...all, ...ticket], note: [...all, ...note] }
}
