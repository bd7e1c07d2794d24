import { Stack } from 'aws-cdk-lib'
import { type IGrantable, type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { parameterNames, storeParameter } from '../config/parameter-names.ts'
import { backfill } from '../operations/backfill/operation.ts'
import { crashRecovery } from '../operations/crash-recovery/operation.ts'
import { disaster } from '../operations/disaster/operation.ts'
import { switchover } from '../operations/switchover/operation.ts'
import { upgrade } from '../operations/upgrade/operation.ts'
import { AlarmTopics } from './alarms/alarm-topics.ts'
import { batonAlarms, raiseBatonAlarms } from './alarms/baton-alarms.ts'
import { WorkflowFailures } from './alarms/workflow-failures.ts'
import { Announcer } from './announcer.ts'
import { Archiver } from './archiver.ts'
import type { BatonProps } from './baton-props.ts'
import { ChainConfigurations } from './chain-configurations.ts'
import { ChainRegistry } from './chain-registry.ts'
import { consolePages } from './console.ts'
import { Act, BatonDashboard, Widget } from './dashboard.ts'
import { OperationDocuments } from './documents.ts'
import type { BatonFunction, FunctionDefaults, FunctionNetwork } from './function.ts'
import type { GateAccess } from './gate/api.ts'
import { Conductor } from './gate/conductor.ts'
import { Gate, sidecarPolicy } from './gate/gate.ts'
import { HostDocuments } from './hosts.ts'
import { KeepActive } from './keep-active.ts'
import { Monitor, monitorMemory } from './monitor.ts'
import { monitorPolicy } from './monitor-policy.ts'
import { functionNetwork } from './network.ts'
import { Operation } from './operation.ts'
import { parameterArn, storeText } from './parameters.ts'
import { permissions } from './permissions.ts'
import { Runbooks } from './runbooks.ts'
import { Settled } from './settled.ts'
import { BatonStore } from './store.ts'

export type { BatonProps } from './baton-props.ts'

/**
 * Baton in one AWS account and region: tables, archive, gate, monitor, workflows, alarms and dashboard. Add chains with
 * {@link BatonChain}.
 */
export class Baton extends Construct {
  /** The name that distinguishes it from another Baton in the account: part of names, and a dimension of its metrics. */
  readonly name: string
  readonly chains = new ChainRegistry()
  /** The prefix of all SSM parameters. */
  readonly parameters: string
  readonly store: BatonStore
  readonly configurations = new ChainConfigurations()
  readonly archiver: Archiver
  /** Absent when every host runs its own gate. */
  readonly gate: Gate | undefined
  /** Absent when it runs on hosts. */
  readonly monitor: Monitor | undefined
  readonly act: Act
  readonly widget: Widget
  readonly operations: readonly Operation[]
  /** The network of the functions that talk to nodes; absent without a VPC. */
  readonly network: FunctionNetwork | undefined
  /** What the alarm on the monitor's silence waits for in a deploy. Absent when `settle` is false, or on hosts. */
  readonly settled: Settled | undefined
  /** Keeps the functions active that only operators call. */
  readonly keepActive: KeepActive
  /** The defaults of every workflow's function. */
  readonly operationDefaults: FunctionDefaults & { readonly network: FunctionNetwork | undefined }
  /** The one of {@link operations} that repairs a node after a crash. */
  readonly recovery: Operation
  /** Absent when `documents` is false. */
  readonly documents: OperationDocuments | undefined
  /** The prefix of all SSM documents' names. */
  readonly documentPrefix: string
  /** The commands allowed on the nodes' machines. Absent when `documents` is false. */
  readonly hosts: HostDocuments | undefined
  /** The topics of the alarms, by severity. */
  readonly alarmTopics: AlarmTopics
  /** Reports executions that fail. */
  readonly workflowFailures: WorkflowFailures
  /** Absent when `dashboard` is false. */
  readonly dashboard: BatonDashboard | undefined
  readonly dashboardName: string
  readonly dashboardUrl: string | undefined
  /** The runbooks in the console. Absent when `documents` is false. */
  readonly runbooks: Runbooks | undefined

  constructor(scope: Construct, id: string, props: BatonProps = {}) {
    super(scope, id)
    const { name = 'baton', documentPrefix = 'Baton', approvers = [], documents = true } = props
    const { chains } = this
    this.name = name
    this.parameters = checkPrefix(props.parameters ?? '/baton')
    const store = new BatonStore(this, 'Store', props)
    this.store = store
    const network = functionNetwork(this, props.network)
    this.network = network
    this.operationDefaults = { ...this.#defaults(props), network }
    const common = { ...this.#defaults(props), store, chains }
    const environment = { ...common.environment, ...this.configurations.variable }
    const acting = { ...common, environment, network, readConfig: this.#readConfig() }

    const approvals = documents && approvers.length > 0 ? documentPrefix : undefined
    this.archiver = new Archiver(this, 'Archiver', common)
    this.gate =
      props.gate &&
      new Gate(this, 'Gate', {
        ...common,
        conductor: new Conductor(this, 'Conductor', { ...acting, approvals }).function,
        name: `baton-${name}-gate`,
        access: withFunctions(props.gate, network),
        parameters: this.parameters,
        canary: props.canary ?? true,
      })
    if (props.monitor === 'hosts' && props.gate)
      throw new Error('monitor: "hosts" is for hosts that run "baton gate" too; leave "gate" or "monitor" out')
    this.monitor =
      props.monitor === 'hosts'
        ? undefined
        : new Monitor(this, 'Monitor', {
            ...acting,
            memorySize: props.monitorMemory ?? chains.count(monitorMemory),
            gateUrl: this.gate?.url,
          })
    this.act = new Act(this, 'Act', { ...acting, approvals, gateUrl: this.gate?.url })
    this.widget = new Widget(this, 'Widget', { ...acting, approvals, act: this.act })
    this.recovery = new Operation(this, crashRecovery.name, {
      ...acting,
      operation: crashRecovery,
      permissions: this.#recovering(),
    })
    const rolling = new Operation(this, upgrade.name, { ...acting, operation: upgrade, permissions: this.#upgrading() })
    const byHand = new Operation(this, disaster.name, { ...acting, operation: disaster, permissions: this.#placing() })
    this.operations = [
      new Operation(this, switchover.name, { ...acting, operation: switchover, permissions: this.#operating() }),
      new Operation(this, backfill.name, { ...acting, operation: backfill, permissions: this.#backfilling() }),
      this.recovery,
      rolling,
      byHand,
    ]
    this.settled =
      props.settle === false || !this.monitor
        ? undefined
        : new Settled(this, 'Settled', { ...this.#defaults(props), chains, schedule: this.monitor.schedule })
    this.keepActive = new KeepActive(this, 'KeepActive')
    if (this.settled) this.keepActive.add(this.settled.function)
    if (this.gate) this.keepActive.add(this.gate.conductor)
    for (const { function: handler } of [this.act, this.widget, ...this.operations]) this.keepActive.add(handler)
    this.documentPrefix = documentPrefix
    this.hosts = documents ? new HostDocuments(this, 'Hosts', { prefix: documentPrefix }) : undefined
    this.hosts?.grantRun(this.recovery.function)
    this.hosts?.grantRun(rolling.function, 'upgrade')
    this.hosts?.grantRun(byHand.function, 'restart-consensus')
    this.documents = documents
      ? new OperationDocuments(this, 'Documents', {
          operations: this.operations,
          act: this.act.function,
          prefix: documentPrefix,
          approvers,
        })
      : undefined
    storeText(this, 'Place', {
      parameterName: storeParameter(this.parameters),
      description: 'Baton: where its records are, for "baton --config ssm:…"',
      stringValue: Stack.of(this).toJsonString(store.place),
      what: 'the place of the records',
      remedy: 'give the tables and the bucket shorter names',
    })
    this.runbooks = documents ? new Runbooks(this, 'Runbooks', { prefix: documentPrefix }) : undefined
    const runbook = props.runbook ?? this.runbooks?.url ?? 'docs/runbooks.md'
    this.dashboardName = `baton-${name}-${Stack.of(this).region}`
    this.dashboardUrl = props.dashboard === false ? undefined : consolePages(this).dashboard(this.dashboardName)
    this.alarmTopics = new AlarmTopics(this, 'Alarms', {
      baton: name,
      targets: props.alarmTargets,
      links: { runbook, dashboard: this.dashboardUrl },
      metricMath: props.metricMath,
    })
    raiseBatonAlarms(this.alarmTopics, this)
    new Announcer(this, 'Announcer', { ...this.#defaults(props), store, failures: this.alarmTopics.topics.ticket })
    this.workflowFailures = new WorkflowFailures(this, 'WorkflowFailures', {
      topics: this.alarmTopics.notified.ticket,
      text: this.alarmTopics.describe(batonAlarms.workflowFailed),
    })
    for (const { stateMachine } of this.operations) this.workflowFailures.watch(stateMachine)
    this.dashboard =
      this.dashboardUrl === undefined
        ? undefined
        : new BatonDashboard(this, 'Dashboard', {
            widget: this.widget.function,
            baton: name,
            name: this.dashboardName,
            runbook,
          })
  }

  /**
   * The functions that read the configuration of a chain: they wait for it in a deploy, or their first run would find
   * none.
   */
  get readers(): readonly BatonFunction[] {
    const gate = this.gate ? [this.gate, { function: this.gate.conductor }] : []
    const monitor = this.monitor ? [this.monitor] : []
    return [...gate, ...monitor, this.act, this.widget, ...this.operations].map(({ function: reader }) => reader)
  }

  /** The rights of a host that runs `baton gate` for one chain: the head of this chain, and nothing else. */
  sidecarPolicy(chain: string): ManagedPolicy {
    return sidecarPolicy(this, this.store, chain)
  }

  /** The rights of a host that runs `baton monitor` for all chains: those of the monitor in Lambda, and to write metrics. */
  monitorPolicy(): ManagedPolicy {
    return monitorPolicy(this, this)
  }

  /** Lets a grantee view the page in the dashboard. */
  grantView(grantee: IGrantable): void {
    this.widget.function.grantInvoke(grantee)
  }

  /**
   * Lets a grantee start, follow and abort the operations in the Systems Manager console, and view the page. With
   * approvers, a dangerous operation then waits for one of them.
   */
  grantStart(grantee: IGrantable): void {
    this.grantView(grantee)
    for (const operation of this.operations) operation.grantFollow(grantee)
    this.documents?.grantStart(grantee)
  }

  /**
   * Lets a grantee do all that {@link grantStart} allows, press the dashboard's buttons, and start state machines
   * directly. With approvers, the buttons refuse what needs an approval, and only the documents start a dangerous
   * operation.
   */
  grantOperate(grantee: IGrantable): void {
    this.grantStart(grantee)
    this.act.function.grantInvoke(grantee)
    for (const operation of this.operations) if (!this.needsApproval(operation)) operation.grantRun(grantee)
  }

  /** Lets a grantee approve what waits for approvers. Keep it apart from {@link grantStart}. */
  grantApprove(grantee: IGrantable): void {
    this.documents?.grantApprove(grantee)
  }

  /** Whether an operation starts only after an approval, so that nothing but its document may start it. */
  needsApproval({ operation }: Pick<Operation, 'operation'>): boolean {
    return this.documents?.approvals !== undefined && operation.document.dangerous
  }

  #defaults({ logRetention = RetentionDays.ONE_MONTH, tracing = false }: BatonProps) {
    const { heads, leases, history, payloads, bucket, archiveRetention } = this.store
    const environment = {
      BATON_NAME: this.name,
      BATON_HEADS_TABLE: heads.tableName,
      BATON_LEASES_TABLE: leases.tableName,
      BATON_HISTORY_TABLE: history.tableName,
      BATON_PAYLOADS_TABLE: payloads.tableName,
      BATON_ARCHIVE_DAYS: String(archiveRetention.toDays()),
      BATON_BUCKET: bucket.bucketName,
      BATON_CHAINS: this.chains.joined(),
      BATON_PARAMETERS: this.parameters,
      POWERTOOLS_SERVICE_NAME: 'baton',
      POWERTOOLS_METRICS_NAMESPACE: 'Baton',
    }
    return { environment, logRetention, tracing }
  }

  #readConfig(): PolicyStatement {
    return new PolicyStatement({
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resources: this.chains.list((chain) => [
        parameterArn(Stack.of(this), parameterNames(this.parameters, chain).config),
      ]),
    })
  }

  /** The rights of a backfill: read the head, the payloads and the engines' secrets, and record what it does. */
  #backfilling(): PolicyStatement[] {
    const { store, chains } = this
    const { appendHistory, readHeadsAndArchive, missObjects } = permissions
    const stack = Stack.of(this)
    const parameters = chains.list((chain, nodes) => {
      const { config, jwt } = parameterNames(this.parameters, chain)
      return [config, ...nodes.map(jwt)].map((name) => parameterArn(stack, name))
    })
    return [
      ...readHeadsAndArchive(store, chains),
      appendHistory(store, chains),
      missObjects(store),
      new PolicyStatement({ actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: parameters }),
    ]
  }

  /**
   * The rights of a recovery: those of a backfill, plus finding the recovery requests of a monitor, and excluding and
   * re-enabling a node.
   */
  #recovering(): PolicyStatement[] {
    const onRecords = [permissions.readHistory, permissions.readLeases, permissions.writeLeases]
    return [...this.#backfilling(), ...onRecords.map((allow) => allow(this.store, this.chains))]
  }

  /** The rights of a manual chain recovery: place the head, and copy blocks into the archive. */
  #placing(): PolicyStatement[] {
    const { store, chains } = this
    const { writeHeads, readArchive, writeArchive, missObjects } = permissions
    return [
      ...this.#operating(),
      writeHeads(store, chains),
      ...readArchive(store, chains),
      ...writeArchive(store, chains),
      missObjects(store),
    ]
  }

  /** The rights of an upgrade: those of an operator's act, plus checking whether missing records were lost. */
  #upgrading(): PolicyStatement[] {
    return [...this.#operating(), ...permissions.listArchive(this.store, this.chains)]
  }

  /** The rights of an operator's request: read everything, and write the lease. */
  #operating(): PolicyStatement[] {
    const { readHeads, readLeases, writeLeases, readHistory, appendHistory } = permissions
    const onRecords = [readHeads, readLeases, writeLeases, readHistory, appendHistory]
    return [...onRecords.map((allow) => allow(this.store, this.chains)), this.#readConfig()]
  }
}

/** Lets the monitor reach the gate's endpoint: it probes whether the gate answers. */
function withFunctions(access: GateAccess, network: FunctionNetwork | undefined): GateAccess {
  if (access.kind === 'public-api' || !network) return access
  return { ...access, clients: [...access.clients, ...network.securityGroups] }
}

function checkPrefix(prefix: string): string {
  if (/^(\/[A-Za-z0-9_.-]+)+$/.test(prefix)) return prefix
  throw new Error(`parameters: "${prefix}" is no prefix of SSM parameters; write one like "/baton/prod"`)
}
