/** Plain evidence of a reason, ready for a record, a log line or a page. */
export type Evidence = Readonly<Record<string, string | number | boolean>>

/** Why something is so: a code of {@link reasonTexts} and the evidence. The edges render it. */
export type Reason = {
  readonly code: ReasonCode
  readonly node?: string
  readonly evidence: Evidence
}

/**
 * Why a term was granted; `id` = the switchover it carries out, or whose target did not commit; `order` = the number of
 * that switchover among the chain's orders, absent in records of version 0.1.
 */
export type Cause = { readonly code: ReasonCode; readonly by: string; readonly id?: string; readonly order?: number }

/** Every reason Baton knows, with the sentence shown to people; `{x}` comes from the evidence. */
export const reasonTexts = {
  // The leader
  committing: 'commits arrive on time (block {number})',
  starting: 'granted {ageMs} ms ago; waiting for its first commit',
  'not-due': 'starting: block {number} is due in {dueMs} ms',
  late: 'block {number} is {lateMs} ms late',
  'consensus-refused': 'the consensus client refuses connections[ ({message})]',
  'execution-refused': 'the execution client refuses connections[ ({message})]',
  'consensus-silent': 'the consensus client has not answered for {ageMs} ms',
  'execution-silent': 'the execution client has not answered for {ageMs} ms',
  'consensus-reset': 'every connection to its consensus client is cut: {message}',
  'execution-reset': 'every connection to its execution client is cut: {message}',
  'consensus-proxy': 'something else answers in place of its consensus client: {message}',
  'execution-proxy': 'something else answers in place of its execution client: {message}',
  stalled: 'its sequencer is on and everything answers, but no block was committed for {ageMs} ms',
  'not-sequencing': 'reachable, but its sequencer is stopped',
  'sequencing-behind':
    'sequences on block {number} although block {committed} is committed: post it the missing blocks',
  'start-failed': 'start failed: {message}',
  'no-first-commit': 'did not commit within {ageMs} ms of its grant',
  'not-configured': 'was removed from the configuration and has stopped committing',
  // A node
  'never-seen': 'not observed yet',
  'other-chain':
    'its {client} client is on chain {chainId}, not {expected}: check its URL; Baton neither calls nor counts it',
  'other-genesis':
    'its {client} client has genesis {hash}, the chain has {expected}: check its URL; Baton neither calls nor counts it',
  'genesis-disputed':
    'has genesis {hash}, another node has a different one, and neither has a majority: check the URLs',
  'identity-unknown': 'its {client} client has not proved which chain it is on: {message}',
  'same-node': 'has the same peer id as {others}: one op-node under several names, or a copied p2p key',
  'config-differs': 'its rollup configuration has {field} {value}, the others have {others}',
  'fork-differs':
    'its rollup configuration has {field} {value}, the others have {others}: blocks will differ from that fork on',
  'before-karst':
    'its {client} reports version {version}: Karst needs op-node v1.19.1 or later and op-reth v2.3.2 or later',
  'engine-lacks': 'its execution client does not offer {methods}, which the chain or the leader needs: upgrade it',
  'sdm-differs':
    'the SDM opt-in of its {client} client is {value}, the leader has {leader}: set it (admin_setOperatorSdmOptIn, --rollup.operator-sdm-opt-in)',
  'not-throttled':
    'its execution client does not serve miner_setMaxDASize, the leader does: the batcher could not throttle it; add "miner" to its HTTP APIs',
  'boost-partial':
    'its rollup-boost has had no healthy builder for {ageMs} ms: its execution client builds the blocks alone',
  'boost-unhealthy': 'its rollup-boost has reported builder and execution client as down for {ageMs} ms',
  'boost-down': 'the health endpoint of its rollup-boost has not answered for {ageMs} ms: {message}',
  'flashblocks-down': 'its flashblocks stream has been closed for {ageMs} ms: {message}',
  'flashblocks-silent': 'commits blocks, but its flashblocks stream was silent for {ageMs} ms',
  credential: 'rejects our credentials: {message}',
  method: 'lacks a method Baton needs: {message}',
  'other-failure': 'its {client} client answers with an error: {message}',
  forked: 'has block {hash} at height {number} instead of {committed}',
  ahead: 'has block {number} above the committed head {committed}: published without a commit',
  unproved:
    'names block {number} above the committed head {committed} but cannot show it, and no other node names it: Baton ignores the claim; check its op-node',
  behind: '{lag} blocks behind the committed head (limit {max})',
  'falls-behind': 'at block {number}, {left} blocks behind the head, and not catching up on its own',
  'catching-up': 'catching up, {left} blocks remaining',
  'takes-nothing':
    'accepted none of the committed blocks posted in {tries} attempts over {ms} ms: read the log of its op-node, restart it, then "baton backfill {node}"',
  'only-genesis': 'has only its genesis, while block {committed} is committed',
  syncing: 'its execution client is syncing (block {number})',
  'syncing-until':
    'its execution client is syncing: block {current} of {highest}, about {ms} ms remaining at this rate',
  'state-missing': 'the state of its newest block is missing: {message}',
  'state-lost':
    'its newest block is {number} although block {stored} is stored above it: a crash lost the state, so it cannot build blocks',
  'not-progressing': 'at block {number} for {ms} ms while {committed} is committed: it executes no blocks',
  'head-fell': 'its newest block fell from {peak} to {number} and has not risen for {ms} ms',
  'execution-short':
    'its execution client is {short} blocks behind its op-node: it has block {latest}, op-node names {number} and does not notice (for {ms} ms)',
  refilling: 'its execution client lost its newest blocks: at block {latest}, returning to the head',
  'clients-disagree': 'op-node names block {number} {hash}, its execution client has {latest} {has}, for {ms} ms',
  'crash-loop':
    'op-node ended {ends} times in {seconds} s (away for {awayMs} ms) while its execution client answers at block {latest}',
  'recovery-wanted': 'damaged by a crash: run "baton recover {node}"',
  'l1-view': 'sees a different L1 block {number} than the majority',
  'l1-older': 'its L1 head {number} is {behindMs} ms older than that of the others',
  'l1-future': 'names an L1 head {number} with a timestamp in the future ({timestamp} s)',
  isolated: 'commits, but its blocks reach no other node: {nodes} received none for {stillMs} ms ({peers} peers)',
  'no-peers': 'has no peers and stays at block {number}: it receives blocks from no other node',
  'few-peers': 'has {peers} peers, at least {min} expected',
  'block-time':
    'its rollup has a block every {rollupMs} ms, the configuration of Baton says {configuredMs}: correct "blockTime"',
  'gate-unreachable':
    'its op-node cannot reach the gate ({message}) and could not take over: check --conductor.rpc and its secret',
  'gate-misled':
    'its op-node believes it is the leader and is not: --conductor.rpc points elsewhere, or an override is active',
  'gate-misnamed':
    'its op-node asks the gate as another node ({message}) and could not take over: give it its own name and secret in --conductor.rpc',
  'breaks-promise':
    'its consensus client is kona-node ({version}), which publishes blocks whose commit was refused and starts at any block: no conductor can fence it; run op-node here',
  'published-uncommitted':
    'published block {number} {hash} without a commit ({others} have it, too): its consensus client ignores the conductor; stop it and run an op-node with --conductor.enabled',
  'no-sequencer': 'runs without --sequencer.enabled',
  'ignores-hash': 'its consensus client starts to sequence at a block that does not exist: starting it is never safe',
  'no-conductor': 'runs without --conductor.enabled, so its blocks would not be committed: restart its op-node with it',
  quarantined: 'quarantined by {by}: {why}',
  'no-failover': 'configured noFailover',
  tried: 'already tried since the last term that committed',
  'sequences-outside': 'sequences outside Baton: its blocks are not committed here',
  'fenced-sequencing': 'fenced but still sequencing; its commits are refused',
  eligible: 'eligible: lag {lag}, priority {priority}',
  // Shared causes
  'cut-off': 'no node answers: Baton itself is probably cut off',
  'store-silent':
    'the store has not served Baton for {ms} ms ({message}): no block can be committed, and Baton grants nothing',
  'monitor-errors': 'every turn of the monitor has failed for {ms} ms ({message}): Baton grants nothing',
  'chain-reset':
    'the nodes have genesis {hash}, the records are of the chain with genesis {expected}: the chain was reset under its id, or the URLs lead to another chain; Baton moves nothing and calls no node',
  ingress: 'the gate does not answer ({message}): no node could commit',
  'l1-frozen': 'the L1 head of every node is {ageS} s old: another sequencer would stall, too',
  'l1-endpoint':
    'the L1 head of every node is {ageS} s old, but L1 advances (block {number}): their endpoint has stalled',
  'l1-reorg': 'L1 replaced block {number}, the origin of block {block}: {hash} became {canonical}',
  'all-failed': 'every candidate was tried and none committed',
  'not-armed': 'observing only: no commit has arrived yet',
  'commits-missing': '{node} sequences (block {number}) but does not commit here (head {committed})',
  // L1
  'window-closing':
    'no block after {safe} is on L1. L1 replaces them in {leftMs} ms ({usedPercent} % of the sequencing window used)',
  'window-over': 'no block after {safe} is on L1. The sequencing window closed {overMs} ms ago: L1 replaces them',
  'finality-behind': 'no block after {number} is final: finality is {behindMs} ms behind the safe head',
  'batcher-silent': 'the last transaction of the batcher {address} in L1 was {ageMs} ms ago',
  'drift-closing':
    'the L1 origin does not advance: sequencing stops in {leftMs} ms ({usedPercent} % of the drift used)',
  'drift-over': 'the L1 origin does not advance: sequencing had to stop {overMs} ms ago',
  'poster-poor': 'the {who} {address} runs out of ether in {leftMs} ms ({balanceEth} ETH remaining)',
  'poster-empty': 'the {who} {address} has no ether: it cannot post to L1',
  'follow-l1': 'the head follows L1 from block {from} {fromHash} to block {number} {hash}',
  'l1-reorged':
    'L1 replaced block {l1}, from which committed block {number} derives ({origin} became {canonical}); {nodes} have left it',
  'taken-back': 'still at block {number} {hash}, which L1 reverted',
  'window-expired':
    'the sequencing window of L1 block {l1} is over (L1 is at {l1Head}): {nodes} derive block {safe} {hash}, which was never committed',
  'l1-derived': '{nodes} derive block {safe} {hash} from L1, above the committed head {number}',
  'left-head':
    '{nodes} have left the committed head {number}, and L1 does not explain it ({message}): an operator must decide',
  'l1-rpc-down': 'L1 RPC (l1.rpc) unreachable: {message}; remaining times are extrapolated from {ageMs} ms ago',
  // Clocks
  'own-clock': 'the clock of this monitor is at least {skewMs} ms {direction} that of the store',
  'block-clock':
    'its block timestamps are at least {skewMs} ms {direction} the clock of this monitor: check the clock of its host',
  'gate-clock': 'the clock of the gate it commits through is at least {skewMs} ms {direction} that of this monitor',
  // Control
  paused: 'paused by {by}',
  held: 'pinned to {node} by {by}',
  'lease-running': 'the lease runs for another {ms} ms',
  'hold-time': 'moved {ageMs} ms ago; Baton does not move again for a soft reason within {holdMs} ms',
  'budget-used': '{grants} automatic moves in the last hour, {budget} allowed',
  cooldown: 'cooling down for another {ms} ms',
  'budget-kept': '{grants} automatic moves in the last hour: the remaining ones are kept for failovers',
  'no-candidate': 'no eligible standby',
  'no-builder': 'no eligible standby has a builder and a stream that work',
  'fence-pending': 'term {term} is granted but the head is fenced at {headTerm}',
  'lease-behind': 'the lease names term {term}, the head is already fenced at {headTerm}',
  'lease-missing': 'the head exists but its lease is missing',
  'head-missing': 'the lease exists but the head is missing: an operator must name the head ("baton disaster")',
  'records-lost':
    'head and lease are missing, but Baton ran this chain before: an operator must name the head ("baton disaster")',
  bootstrap: 'no record yet: all nodes agree on block {number} {hash} and none sequences',
  'bootstrap-wait': 'no record yet: {message}',
  switchover: 'switchover requested by {by}',
  'switchover-scheduled': 'a switchover is scheduled in {ms} ms',
  'switchover-waits': 'the switchover scheduled by {by} waits until this page clears; it is cancelled in {ms} ms',
  'switchover-dropped': 'this failover cancelled the switchover requested by {by}',
  'switchover-refused': 'the target {target} is not eligible: {message}',
  'block-boundary': 'waiting for the next commit, {ms} ms away, so that no slot is missed',
  'rolled-back': 'the target did not commit: rolled back to {node}',
  operator: '{message}',
  // What an act came to
  'grant-found':
    'granted for the reason "{cause}" by {by}; found on the lease: the answer of the store, or the record, was lost',
  'head-fenced': 'head fenced at block {number} {hash}',
  started: 'started in {ms} ms, {posted} payloads posted first',
  'stopped-at': 'stopped at {hash}',
  'stop-failed': 'stop failed ({message}); its commits stay refused',
  'derivation-reset': 'its op-node was asked to reset its derivation',
  'reset-failed': 'resetting its derivation failed ({message})',
  'topped-up': '{blocks} committed blocks posted; it is at block {number}, {left} remaining',
  'top-up-failed': 'posting the committed blocks it lacks failed: {message}',
  adopted: '{from} stopped at block {number} {hash}; {to} continues from there',
  'recovery-begun': 'crash recovery started: {damage}',
  'recovery-step': '{method}: {outcome} ({ms} ms)',
  'recovery-verified':
    'recovered in {ms} ms by {methods}: block {number} {hash}, {compared} hashes compared, state read, {canary}',
  'recovery-needless': 'node is sequencing again; recovery cancelled, no further changes made',
  'recovery-failed': 'crash recovery gave up: {message}; tried {methods}',
  'page-over': 'all page conditions cleared',
  'no-effect': '{tries} attempts to {act} in {ms} ms had no effect',
  'no-block': 'no block for {ageMs} ms',
  'head-unacceptable':
    'committed block {number} {hash} is on no node, and every node refuses to start from it: "baton disaster re-seed --confirm {parent} --against-vote" goes back to block {below}',
  overridden:
    'publishes without commits (override): Baton grants nothing until "baton disaster return" has adopted its blocks',
  'head-placed': 'an operator placed the head at block {number} {hash}, {told}',
  returned: '{count} blocks published without commits are adopted; the head is block {number} {hash}',
  upgrade: 'upgrade to {to}: {told}',
  // What is kept
  'bad-payload':
    'the payload stored for committed block {number} {hash} is not that block ({problem}), so no node can take it. If no node has the block, go back to block {parentNumber}: baton disaster re-seed --confirm {parentHash} --against-vote',
  // Backfill
  'backfill-range': 'blocks {range} are missing ({blocks} in all); they are inserted through its {through} client',
  'backfill-done': '{blocks} blocks inserted in {ms} ms, from {sources}; block {number} {hash} is there with its state',
  'backfill-failed': 'ended after {blocks} blocks: {message}',
  'payload-corrupt': '{place} holds a payload that is not the committed block: {message}',
} as const

/** A code of {@link reasonTexts}. */
export type ReasonCode = keyof typeof reasonTexts

/** Builds a reason; the evidence may name the node it concerns. */
export function reason(code: ReasonCode, evidence: Evidence = {}, node?: string): Reason {
  return node === undefined ? { code, evidence } : { code, node, evidence }
}

/**
 * The sentence of a reason, its placeholders filled from the evidence. What is in brackets is left out when its fact is
 * missing, as in records of earlier versions.
 */
export function renderReason({ code, node, evidence }: Reason): string {
  const facts: Evidence = node === undefined ? evidence : { node, ...evidence }
  const known = reasonTexts[code].replace(/\[(.*?\{(\w+)\}.*?)\]/g, (_, part: string, key: string) =>
    facts[key] === undefined ? '' : part,
  )
  const text = known.replace(/\{(\w+)\}/g, (_, key: string) => String(facts[key] ?? '?'))
  return node === undefined ? text : `${node}: ${text}`
}
