import { Duration } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  GraphWidget,
  type IWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { MetricName } from '../cloudwatch/metrics.ts'
import { panels } from '../panels.ts'
import { BatonFunction, type FunctionDefaults, type FunctionNetwork } from './function.ts'
import { chainMetric } from './metrics.ts'
import { type ChainKeys, permissions } from './permissions.ts'
import type { BatonStore } from './store.ts'

export type BatonDashboardProps = {
  /** Renders the page of a chain. */
  readonly widget: IFunction
  /** The name of the Baton, whose metrics it shows. */
  readonly baton: string
  /** The dashboard's name. Dashboards have no region: their names are unique in an account. */
  readonly name: string
  /** The URL of the runbooks. */
  readonly runbook: string
}

/** One row of the dashboard. */
type ChainRow = { readonly chain: string; readonly name: string; readonly alarms: readonly Alarm[] }

/** A graph of the shared list that CloudWatch has the metrics for. */
type Graph = { title: string; metrics: readonly MetricName[]; statistic: string }

const graphs: readonly Graph[] = panels.flatMap((panel) =>
  'cloudwatch' in panel ? [{ title: panel.title, ...panel.cloudwatch }] : [],
)

/** The dashboard. Each chain has the page with its buttons, its alarms, and the metrics behind them. */
export class BatonDashboard extends Construct {
  readonly dashboard: Dashboard
  readonly #widget: IFunction
  readonly #baton: string

  constructor(scope: Construct, id: string, { widget, baton, name, runbook }: BatonDashboardProps) {
    super(scope, id)
    this.#baton = baton
    this.#widget = widget
    this.dashboard = new Dashboard(this, 'Dashboard', { dashboardName: name, defaultInterval: Duration.hours(3) })
    this.dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 2,
        markdown: `Buttons act at once after you confirm them, and the history names them. What each alarm means: [runbooks](${runbook}). Never share this dashboard publicly: anyone who sees it can press its buttons.`,
      }),
    )
  }

  /** Adds the rows of a chain. */
  addChain({ chain, name, alarms }: ChainRow): void {
    const page = new CustomWidget({
      title: `${name} (${chain})`,
      functionArn: this.#widget.functionArn,
      width: 24,
      height: 16,
      params: { chain },
      updateOnRefresh: true,
      updateOnResize: false,
      updateOnTimeRangeChange: false,
    })
    const status = new AlarmStatusWidget({ title: `Alarms of ${name}`, width: 24, height: 3, alarms: [...alarms] })
    this.dashboard.addWidgets(page)
    this.dashboard.addWidgets(status)
    this.dashboard.addWidgets(...graphs.map((graph) => this.#graph(chain, graph)))
  }

  #graph(chain: string, { title, metrics, statistic }: Graph): IWidget {
    const left = metrics.map((name) =>
      chainMetric({ baton: this.#baton, chain }, name, { statistic, period: Duration.minutes(1), label: name }),
    )
    return new GraphWidget({ title, left, width: 8, height: 5 })
  }
}

export type DashboardFunctionsProps = FunctionDefaults & {
  readonly store: BatonStore
  readonly chains: ChainKeys
  readonly readConfig: PolicyStatement
  /** The network that reaches the nodes: the page shows their current answers. */
  readonly network?: FunctionNetwork | undefined
  /** The prefix of the documents that ask for an approval; absent = nothing needs one. */
  readonly approvals?: string | undefined
}

/**
 * Applies an operator's act to the lease: pause, resume, hold, switchover. Writes a head only to adopt a chain or where
 * an operator names one.
 */
export class Act extends Construct {
  readonly function: BatonFunction

  constructor(
    scope: Construct,
    id: string,
    props: DashboardFunctionsProps & {
      /** The URL of the gate: a chain is adopted only if the gate answers. */
      readonly gateUrl?: string | undefined
    },
  ) {
    super(scope, id)
    const { store, chains, readConfig, network, gateUrl, approvals, environment, ...defaults } = props
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      network,
      environment: {
        ...environment,
        ...(gateUrl !== undefined && { BATON_GATE_URL: gateUrl }),
        ...(approvals !== undefined && { BATON_APPROVALS: approvals }),
      },
      handler: 'act',
      description: "Baton: carries out an operator's act",
      tracing: true,
      memorySize: 512,
      // Adopting a chain takes as long as its store allows, and must not end halfway.
      timeout: Duration.seconds(60),
    })
    const { readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory } = permissions
    const onRecords = [readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory]
    this.function.allow(
      ...onRecords.map((allow) => allow(store, chains)),
      // A chain to adopt has no records; the archive also shows whether they were lost.
      ...permissions.listArchive(store, chains),
      readConfig,
    )
  }
}

/** Renders the page for the dashboard. It can read everything and change nothing. */
export class Widget extends Construct {
  readonly function: BatonFunction

  constructor(scope: Construct, id: string, props: DashboardFunctionsProps & { readonly act: Act }) {
    super(scope, id)
    const { store, chains, readConfig, network, act, approvals, environment, ...defaults } = props
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      network,
      environment: {
        ...environment,
        BATON_ACT_FUNCTION_ARN: act.function.functionArn,
        ...(approvals !== undefined && { BATON_APPROVALS: approvals }),
      },
      handler: 'widget',
      description: 'Baton: renders the page for a dashboard',
      tracing: true,
      memorySize: 512,
      timeout: Duration.seconds(15),
    })
    const { readHeads, readLeases, readHistory, listCommits } = permissions
    const onRecords = [readHeads, readLeases, readHistory, listCommits]
    this.function.allow(...onRecords.map((allow) => allow(store, chains)), readConfig)
  }
}
