/** A graph on the dashboards: one list for CloudWatch and Grafana. */
export type Panel = {
  readonly title: string
  readonly unit: 's' | 'ms' | 'short' | 'bool'
  /** Metrics of the namespace Baton, on the CloudWatch dashboard; absent = only Prometheus has this. */
  readonly cloudwatch?: { readonly metrics: readonly string[]; readonly statistic: string }
  /** Absent = only CloudWatch has this. `$chain` is the dashboard's variable. */
  readonly prometheus?: readonly { readonly expr: string; readonly legend: string }[]
  /** Values from which the graph turns red (Grafana). */
  readonly alarmAbove?: number
}

/** The graphs of a chain, most urgent first. A test compares every name and label with what `/metrics` exposes. */
export const panels = [
  {
    title: 'Who leads',
    unit: 'bool',
    prometheus: [{ expr: 'max by (node) (baton_node_leader{chain="$chain"})', legend: '{{node}}' }],
  },
  {
    title: 'Condition of the chain',
    unit: 'bool',
    prometheus: [
      { expr: 'max by (condition) (baton_condition{chain="$chain"})', legend: '{{condition}}' },
      { expr: 'max by (code, node) (baton_page{chain="$chain"})', legend: 'page: {{code}} {{node}}' },
    ],
  },
  {
    title: 'Seconds since the last commit',
    unit: 's',
    cloudwatch: { metrics: ['SecondsSinceCommit'], statistic: 'Maximum' },
    prometheus: [{ expr: 'max by (chain) (baton_since_commit_seconds{chain="$chain"})', legend: 'age of the head' }],
    alarmAbove: 10,
  },
  {
    title: 'Longest gap between two blocks',
    unit: 's',
    prometheus: [
      {
        expr: 'histogram_quantile(1, sum by (le) (increase(baton_block_gap_seconds_bucket{chain="$chain"}[$__rate_interval])))',
        legend: 'at most',
      },
      {
        expr: 'sum(increase(baton_slots_missed_total{chain="$chain"}[$__rate_interval]))',
        legend: 'slots missed',
      },
    ],
  },
  {
    title: 'Commit latency (ms, p99)',
    unit: 'ms',
    cloudwatch: { metrics: ['CommitLatency'], statistic: 'p99' },
    prometheus: [
      {
        expr: '1000 * histogram_quantile(0.99, sum by (le, stage) (rate(baton_commit_duration_seconds_bucket{chain="$chain"}[$__rate_interval])))',
        legend: '{{stage}}',
      },
    ],
    alarmAbove: 400,
  },
  {
    title: 'Commits by result',
    unit: 'short',
    prometheus: [
      {
        expr: 'sum by (node, result) (rate(baton_commits_total{chain="$chain"}[$__rate_interval]))',
        legend: '{{node}} {{result}}',
      },
    ],
  },
  {
    title: 'Standbys and flap budget',
    unit: 'short',
    cloudwatch: { metrics: ['EligibleStandbys', 'FlapBudgetLeft'], statistic: 'Minimum' },
    prometheus: [
      { expr: 'min by (chain) (baton_eligible_standbys{chain="$chain"})', legend: 'eligible standbys' },
      { expr: 'min by (chain) (baton_flap_budget_left{chain="$chain"})', legend: 'automatic moves left this hour' },
    ],
  },
  {
    title: 'Blocks behind the head, by node',
    unit: 'short',
    prometheus: [{ expr: 'max by (node) (baton_node_lag_blocks{chain="$chain"})', legend: '{{node}}' }],
  },
  {
    title: 'Failovers and errors',
    unit: 'short',
    cloudwatch: { metrics: ['Failovers', 'GateErrors', 'TickErrors'], statistic: 'Sum' },
    prometheus: [
      {
        expr: 'max by (success) (increase(op_conductor_leader_transfers_count{chain="$chain"}[$__rate_interval]))',
        legend: 'moves, committed: {{success}}',
      },
      {
        expr: 'sum by (error) (increase(op_conductor_rpc_server_responses_total{chain="$chain",error!=""}[$__rate_interval]))',
        legend: 'gate: {{error}}',
      },
      {
        expr: 'sum(increase(baton_turns_total{chain="$chain",result="failed"}[$__rate_interval]))',
        legend: 'failed turns',
      },
    ],
  },
  {
    title: 'Operations, moves, pages',
    unit: 'short',
    prometheus: [
      {
        expr: 'max by (what, by) (increase(baton_history_records_total{chain="$chain"}[$__rate_interval])) > 0',
        legend: '{{what}} by {{by}}',
      },
    ],
  },
  {
    title: 'Blocks behind: archive, safe head',
    unit: 'short',
    cloudwatch: { metrics: ['ArchiveLag', 'SafeLagBlocks'], statistic: 'Maximum' },
    prometheus: [{ expr: 'max by (chain) (baton_safe_lag_blocks{chain="$chain"})', legend: 'safe head' }],
  },
  {
    title: 'Age of the L1 head (s)',
    unit: 's',
    cloudwatch: { metrics: ['L1HeadAge'], statistic: 'Maximum' },
    prometheus: [{ expr: 'min by (chain) (baton_l1_head_age_seconds{chain="$chain"})', legend: 'L1 head' }],
    alarmAbove: 120,
  },
  {
    title: 'Time left to L1',
    unit: 's',
    prometheus: [
      { expr: 'min by (chain) (baton_window_left_seconds{chain="$chain"})', legend: 'sequencing window' },
      { expr: 'min by (chain) (baton_drift_left_seconds{chain="$chain"})', legend: 'sequencer drift' },
      { expr: 'min by (poster) (baton_poster_runway_seconds{chain="$chain"})', legend: 'ether of the {{poster}}' },
    ],
  },
  {
    title: 'Health checks that failed',
    unit: 'short',
    prometheus: [
      {
        expr: 'sum by (node, error) (increase(op_conductor_healthchecks_count{chain="$chain",success="false"}[$__rate_interval]))',
        legend: '{{node}}: {{error}}',
      },
    ],
  },
  {
    title: 'Builders and flashblocks',
    unit: 's',
    prometheus: [
      {
        expr: 'min by (node) (baton_flashblocks_age_seconds{chain="$chain"})',
        legend: 'newest flashblock of {{node}}',
      },
      {
        expr: 'max by (node, health) (baton_boost_health{chain="$chain",health!="healthy"}) > 0',
        legend: '{{node}}: {{health}}',
      },
    ],
  },
  {
    title: 'Turns of the monitor',
    unit: 's',
    prometheus: [
      {
        expr: 'histogram_quantile(0.99, sum by (le) (rate(op_conductor_loop_execution_time_bucket{chain="$chain"}[$__rate_interval])))',
        legend: 'p99',
      },
      { expr: 'sum(baton_monitor_active{chain="$chain"})', legend: 'active monitors' },
    ],
  },
] as const satisfies readonly Panel[]
