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
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { MetricName } from '../../lambda/metrics.ts'
import { chainMetric } from '../alarms/metrics.ts'

export type BatonDashboardProps = {
  /** Renders the page of a chain. */
  readonly widget: IFunction
  readonly runbook: string
}

/** What a row of the dashboard shows of one chain. */
export type ChainRow = { readonly chain: string; readonly name: string; readonly alarms: readonly Alarm[] }

const graphs: readonly { title: string; metrics: readonly MetricName[]; statistic: string }[] = [
  { title: 'Seconds since the last commit', metrics: ['SecondsSinceCommit'], statistic: 'Maximum' },
  { title: 'Commit latency (ms, p99)', metrics: ['CommitLatency'], statistic: 'p99' },
  { title: 'Standbys and flap budget', metrics: ['EligibleStandbys', 'FlapBudgetLeft'], statistic: 'Minimum' },
  { title: 'Failovers and errors', metrics: ['Failovers', 'GateErrors', 'TickErrors'], statistic: 'Sum' },
  { title: 'Blocks behind: archive, safe head', metrics: ['ArchiveLag', 'SafeLagBlocks'], statistic: 'Maximum' },
  { title: 'Age of the L1 head (s)', metrics: ['L1HeadAge'], statistic: 'Maximum' },
]

/** For each chain: the page with its buttons, its alarms, and what led up to them. */
export class BatonDashboard extends Construct {
  readonly dashboard: Dashboard
  readonly #widget: IFunction

  constructor(scope: Construct, id: string, { widget, runbook }: BatonDashboardProps) {
    super(scope, id)
    this.#widget = widget
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(3) })
    this.dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 2,
        markdown: `Buttons act at once after you confirm them, and the history names them. What each alarm means: ${runbook}. Never share this dashboard publicly: whoever sees it can press its buttons.`,
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

  #graph(chain: string, { title, metrics, statistic }: (typeof graphs)[number]): IWidget {
    const left = metrics.map((name) =>
      chainMetric(chain, name, { statistic, period: Duration.minutes(1), label: name }),
    )
    return new GraphWidget({ title, left, width: 8, height: 5 })
  }
}
