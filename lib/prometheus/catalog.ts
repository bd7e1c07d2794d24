/** A metric at `/metrics`: what it is, who exposes it, and its labels beside `chain`, which every metric has. */
export type Definition = {
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** `gate`: `baton gate`; `monitor`: `baton monitor`. `baton start` exposes both. */
  readonly at: readonly ('gate' | 'monitor')[]
  readonly labels: readonly string[]
  readonly help: string
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[]
}

const gate = ['gate'] as const
const monitor = ['monitor'] as const
const both = ['gate', 'monitor'] as const

/** op-conductor's buckets (op-service/metrics/rpc_metrics.go and op-conductor/metrics/metrics.go). */
const CONDUCTOR = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
/** A commit takes 2 to 60 ms; op-node gives up after 1 s. */
const COMMIT = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] as const
/** From blocks of 50 ms to an outage of ten minutes. */
const GAP = [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 12, 20, 30, 60, 120, 300, 600] as const

/**
 * Every metric at `/metrics`. `op_conductor_*` are op-conductor's names and labels, where Baton means the same by them;
 * those of a node have the label `node` besides, because one monitor watches all nodes.
 */
export const catalog = {
  op_conductor_info: { type: 'gauge', at: both, labels: ['version'], help: 'Always 1; the label names the version' },
  op_conductor_up: { type: 'gauge', at: both, labels: [], help: '1 once this process has finished starting up' },
  op_conductor_healthchecks_count: {
    type: 'counter',
    at: monitor,
    labels: ['node', 'success', 'error'],
    help: 'Observations of a node by the active monitor; error is the text op-conductor uses for the same finding',
  },
  op_conductor_leader_transfers_count: {
    type: 'counter',
    at: monitor,
    labels: ['success'],
    help: 'Moves of sequencing to another node: true once it has committed, false if it never did',
  },
  op_conductor_sequencer_starts_count: {
    type: 'counter',
    at: monitor,
    labels: ['node', 'success'],
    help: 'Attempts of this process to start a sequencer',
  },
  op_conductor_sequencer_stops_count: {
    type: 'counter',
    at: monitor,
    labels: ['node', 'success'],
    help: 'Attempts of this process to stop a sequencer',
  },
  op_conductor_state_changes_count: {
    type: 'counter',
    at: monitor,
    labels: ['node', 'leader', 'healthy', 'active'],
    help: 'Changes of a node to this state, as the active monitor sees it',
  },
  op_conductor_loop_execution_time: {
    type: 'histogram',
    at: monitor,
    labels: [],
    help: 'Time of one turn of the monitor, in seconds',
    buckets: CONDUCTOR,
  },
  op_conductor_rpc_server_requests_total: {
    type: 'counter',
    at: gate,
    labels: ['rpc', 'method'],
    help: 'Calls of authenticated nodes',
  },
  op_conductor_rpc_server_responses_total: {
    type: 'counter',
    at: gate,
    labels: ['rpc', 'method', 'error'],
    help: "Responses to calls of authenticated nodes; error is empty, or the code of Baton's error",
  },
  op_conductor_rpc_server_request_duration_seconds: {
    type: 'histogram',
    at: gate,
    labels: ['rpc', 'method'],
    help: 'Time of a commit; other methods are not timed',
    buckets: CONDUCTOR,
  },
  // The gate, each commit
  baton_commit_duration_seconds: {
    type: 'histogram',
    at: gate,
    labels: ['node', 'stage'],
    help: 'Time of a commit by stage: parse, pack, spill (object of a large block), write (the conditional write), total',
    buckets: COMMIT,
  },
  baton_commits_total: {
    type: 'counter',
    at: gate,
    labels: ['node', 'result'],
    help: 'Commits by result: committed, repeated, not-leader, conflict, gap, no-head, failed (store did not answer)',
  },
  baton_commit_bytes_total: {
    type: 'counter',
    at: gate,
    labels: ['node'],
    help: 'Bytes of committed envelopes, as JSON',
  },
  baton_leader_event_readers: {
    type: 'gauge',
    at: both,
    labels: [],
    help: 'Readers of /leader/events connected to this process',
  },
  // The monitor: the chain
  baton_condition: {
    type: 'gauge',
    at: monitor,
    labels: ['condition'],
    help: '1 for the condition of the chain: ok, degraded, moving, halted or observing; else 0',
  },
  baton_page: { type: 'gauge', at: monitor, labels: ['code', 'node'], help: '1 for each reason to page a person now' },
  baton_mode: { type: 'gauge', at: monitor, labels: ['mode'], help: '1 for the mode: auto, paused or hold; else 0' },
  baton_term: { type: 'gauge', at: monitor, labels: [], help: 'Term of the head: it grows by 1 with each move' },
  baton_head_block: { type: 'gauge', at: monitor, labels: [], help: 'Number of the newest committed block' },
  baton_since_commit_seconds: { type: 'gauge', at: monitor, labels: [], help: 'Age of the newest commit' },
  baton_block_gap_seconds: {
    type: 'histogram',
    at: monitor,
    labels: [],
    help: 'Time between a commit and the next, as the monitor sees it: exact for one block a turn',
    buckets: GAP,
  },
  baton_slots_missed_total: { type: 'counter', at: monitor, labels: [], help: 'Whole slots without a commit' },
  baton_moves_total: {
    type: 'counter',
    at: monitor,
    labels: ['cause'],
    help: 'Grants of a term in the history, by the code of their first reason',
  },
  baton_pages_total: {
    type: 'counter',
    at: monitor,
    labels: ['code'],
    help: 'Pages in the history, by the code of their first reason',
  },
  baton_history_records_total: {
    type: 'counter',
    at: monitor,
    labels: ['what', 'by'],
    help: 'Records in the history since this process started, of every process: acts, operations, orders; by baton or operator',
  },
  baton_flap_budget_left: {
    type: 'gauge',
    at: monitor,
    labels: [],
    help: 'Automatic moves still allowed within this hour; absent without a budget',
  },
  baton_eligible_standbys: { type: 'gauge', at: monitor, labels: [], help: 'Nodes that could take over now' },
  // The monitor: each node
  baton_node_leader: {
    type: 'gauge',
    at: monitor,
    labels: ['node'],
    help: '1 for the node that holds the head, else 0',
  },
  baton_node_role: {
    type: 'gauge',
    at: monitor,
    labels: ['node', 'role'],
    help: '1 for the role of a node: leading, starting, failing, standby, unfit, fenced or down',
  },
  baton_node_eligible: {
    type: 'gauge',
    at: monitor,
    labels: ['node'],
    help: '1 if sequencing could move there, else 0',
  },
  baton_node_sequencing: { type: 'gauge', at: monitor, labels: ['node'], help: '1 if its sequencer is on, else 0' },
  baton_node_lag_blocks: {
    type: 'gauge',
    at: monitor,
    labels: ['node'],
    help: 'Blocks behind the committed head, the worse of both clients; absent while unknown',
  },
  baton_node_unsafe_block: { type: 'gauge', at: monitor, labels: ['node'], help: 'Its unsafe head' },
  baton_node_safe_block: { type: 'gauge', at: monitor, labels: ['node'], help: 'Its safe head' },
  baton_node_finalized_block: { type: 'gauge', at: monitor, labels: ['node'], help: 'Its finalized head' },
  baton_node_peers: { type: 'gauge', at: monitor, labels: ['node'], help: 'Peers of its consensus client' },
  baton_node_reason: {
    type: 'gauge',
    at: monitor,
    labels: ['node', 'code'],
    help: '1 for each reason given for a node',
  },
  baton_boost_health: {
    type: 'gauge',
    at: monitor,
    labels: ['node', 'health'],
    help: "1 for the health of a node's rollup-boost: healthy, partial, unhealthy or down; else 0; needs boost",
  },
  baton_flashblocks_open: {
    type: 'gauge',
    at: monitor,
    labels: ['node'],
    help: '1 while its flashblocks stream is open, else 0; needs flashblocks',
  },
  baton_flashblocks_age_seconds: {
    type: 'gauge',
    at: monitor,
    labels: ['node'],
    help: 'Age of the newest flashblock of a node; only the leader streams; needs flashblocks',
  },
  // The monitor: L1
  baton_l1_head_age_seconds: {
    type: 'gauge',
    at: monitor,
    labels: [],
    help: 'Age of the newest L1 block any node knows',
  },
  baton_safe_lag_blocks: { type: 'gauge', at: monitor, labels: [], help: 'Committed blocks not yet safe on L1' },
  baton_window_left_seconds: {
    type: 'gauge',
    at: monitor,
    labels: [],
    help: 'Time until L1 replaces the blocks it does not have (sequencing window); needs l1',
  },
  baton_drift_left_seconds: {
    type: 'gauge',
    at: monitor,
    labels: [],
    help: 'Time until sequencing stops if L1 stays where it is (sequencer drift); needs l1',
  },
  baton_poster_runway_seconds: {
    type: 'gauge',
    at: monitor,
    labels: ['poster'],
    help: 'Time until batcher or proposer is out of ether; needs l1',
  },
  baton_since_inclusion_seconds: {
    type: 'gauge',
    at: monitor,
    labels: ['poster'],
    help: 'Age of the newest transaction of batcher or proposer in L1; needs l1',
  },
  baton_clock_skew_seconds: {
    type: 'gauge',
    at: monitor,
    labels: ['clock', 'node'],
    help: 'How far a clock is off at least, while that is more than Baton tolerates',
  },
  // The monitor itself
  baton_monitor_active: { type: 'gauge', at: monitor, labels: [], help: '1 if this monitor acts, 0 if it stands by' },
  baton_turns_total: { type: 'counter', at: monitor, labels: ['result'], help: 'Turns of this monitor: ok or failed' },
} as const satisfies Record<string, Definition>

/** A name of {@link catalog}. */
export type MetricName = keyof typeof catalog

/** The names of one type. */
type NamesOf<T extends Definition['type']> = {
  [N in MetricName]: (typeof catalog)[N]['type'] extends T ? N : never
}[MetricName]
export type GaugeName = NamesOf<'gauge'>
export type CounterName = NamesOf<'counter'>
export type HistogramName = NamesOf<'histogram'>

/** The labels of a metric with their values. */
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof catalog)[N]['labels'][number], string>>

/** A gauge's value. */
export type GaugeValue = {
  [N in GaugeName]: { readonly name: N; readonly labels: LabelsOf<N>; readonly value: number }
}[GaugeName]
