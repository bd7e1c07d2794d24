/** Plain facts a reason rests on, ready for a record, a log line or a page. */
export type Evidence = Readonly<Record<string, string | number | boolean>>

/** Why something is as it is: a code of {@link reasonTexts} and the facts. The edges render it. */
export type Reason = {
  readonly code: ReasonCode
  readonly node?: string
  readonly evidence: Evidence
}

/** Why a term was granted; `id` = the switchover it carries out, or what follows because its target did not commit. */
export type Cause = { readonly code: ReasonCode; readonly by: string; readonly id?: string }

/** Every reason Baton knows, with the sentence shown to people; `{x}` is taken from the evidence. */
export const reasonTexts = {
  // The leader
  committing: 'commits arrive on time (block {number})',
  starting: 'granted {ageMs} ms ago, first commit awaited',
  'not-due': 'starting: block {number} is due in {dueMs} ms',
  late: 'block {number} is {lateMs} ms late',
  'consensus-refused': 'the consensus client refuses connections: the process is gone',
  'execution-refused': 'the execution client refuses connections: the process is gone',
  'consensus-silent': 'the consensus client has not answered for {ageMs} ms',
  'execution-silent': 'the execution client has not answered for {ageMs} ms',
  'consensus-reset': 'each connection to the consensus client is cut: {message}',
  'execution-reset': 'each connection to the execution client is cut: {message}',
  'consensus-proxy': 'what answers in place of the consensus client is not it: {message}',
  'execution-proxy': 'what answers in place of the execution client is not it: {message}',
  stalled: 'sequencing is on and everything answers, but no block was committed for {ageMs} ms',
  'not-sequencing': 'reachable, but its sequencer is stopped',
  'sequencing-behind': 'sequences on block {number} although block {committed} is committed: it must be given it',
  'start-failed': 'could not be started: {message}',
  'no-first-commit': 'no commit within {ageMs} ms of its grant',
  'not-configured': 'the configuration has no such node any more, and no block of it arrives',
  // A node
  'never-seen': 'not observed yet',
  'other-chain':
    'its {client} client is of chain {chainId}, not {expected}: check its URL; it gets no call and no vote',
  'other-genesis':
    'its {client} client has genesis {hash}, the chain has {expected}: check its URL; it gets no call and no vote',
  'genesis-disputed': 'has genesis {hash}, another node another one, and there is no majority: check the URLs',
  'identity-unknown': 'its {client} client has not proved which chain it is of: {message}',
  'same-node': 'has the peer id of {others}: one op-node under several names, or a copied p2p key',
  'config-differs': 'its rollup configuration has {field} {value}, the others have {others}',
  'fork-differs':
    'its rollup configuration has {field} {value}, the others have {others}: blocks will differ from then on',
  'before-karst':
    'its {client} says it is {version}: from Karst on op-node v1.19.1 or later and op-reth v2.3.2 or later are needed, both',
  'engine-lacks': 'its execution client does not offer {methods}, which the chain needs or the leader has: upgrade it',
  'sdm-differs':
    'the SDM opt-in of its {client} client is {value}, that of the leader is {leader}: set it (admin_setOperatorSdmOptIn, --rollup.operator-sdm-opt-in)',
  'not-throttled':
    'its execution client does not serve miner_setMaxDASize, that of the leader does: the batcher could not slow it down; add "miner" to its HTTP APIs',
  credential: 'rejects our credentials: {message}',
  method: 'lacks a method Baton needs: {message}',
  'other-failure': '{client} client answers with an error: {message}',
  forked: 'has another block at height {number}: {hash} instead of {committed}',
  ahead: 'has block {number} above the committed head {committed}: published without a commit',
  unproved:
    'names block {number} above the committed head {committed}, alone, and does not show it: its word holds up no one else; look at its op-node',
  behind: '{lag} blocks behind the committed head (at most {max} allowed)',
  'falls-behind': 'stands at block {number}, {left} blocks behind the head, and does not catch up by itself',
  'catching-up': 'catching up, {left} left',
  'takes-nothing':
    'takes none of the committed blocks that were posted to it in {tries} tries over {ms} ms: read the log of its op-node, restart it, then "baton backfill {node}"',
  'only-genesis': 'has nothing but its genesis, while block {committed} is committed',
  syncing: 'its execution client syncs by itself (block {number})',
  'syncing-until':
    'its execution client syncs by itself: block {current} of {highest}, about {ms} ms left at this pace',
  'state-missing': 'the state of its newest block is missing: {message}',
  'state-lost':
    'its newest block is {number} although block {stored} is stored above it: a crash took the state, and nothing can be built there',
  'not-progressing': 'at block {number} for {ms} ms while {committed} is committed: it executes nothing',
  'head-fell': 'its newest block fell from {peak} to {number} and has stayed there for {ms} ms',
  'execution-short':
    'its execution client is {short} blocks short of op-node: it has block {latest}, op-node names {number} and does not notice (for {ms} ms)',
  refilling: 'its execution client lost its newest blocks: at block {latest}, on the way back to the head',
  'clients-disagree': 'op-node names block {number} {hash}, its execution client has {latest} {has}, for {ms} ms',
  'crash-loop':
    'op-node ended {ends} times in {seconds} s (away for {awayMs} ms) while its execution client answers at block {latest}',
  'recovery-wanted': 'a crash left damage behind: run "baton recover {node}"',
  'l1-view': 'sees another L1 block {number} than the majority',
  'l1-older': 'its L1 head {number} is older than that of the others by {behindMs} ms',
  'l1-future': 'names an L1 head {number} from a time that is yet to come ({timestamp} s)',
  isolated: 'commits, but its blocks reach no other node: {nodes} took none for {stillMs} ms ({peers} peers)',
  'no-peers': 'has no peers and stands at block {number}: it gets blocks from no other node',
  'few-peers': 'has {peers} peers, {min} are wanted',
  'block-time':
    'its rollup has a block every {rollupMs} ms, the configuration of Baton says {configuredMs}: correct "blockTime"',
  'gate-unreachable':
    'its op-node cannot ask the gate ({message}): check --conductor.rpc and its secret; it could not take over',
  'gate-misled':
    'its op-node takes itself for the leader, which it is not: --conductor.rpc leads elsewhere, or an override is in force',
  'gate-misnamed':
    'its op-node asks the gate as another node ({message}): give it its own name and secret in --conductor.rpc; it could not take over',
  'breaks-promise':
    'its consensus client is kona-node ({version}): it publishes blocks whose commit was refused and starts at any block, so no conductor can fence it; run op-node here',
  'published-uncommitted':
    'published block {number} {hash} without a commit ({others} have it, too): its consensus client does not keep to the conductor; stop it, and run an op-node with --conductor.enabled here',
  'no-sequencer': 'runs without --sequencer.enabled',
  'ignores-hash': 'its consensus client starts to sequence at a block that does not exist: no start of it is safe',
  'no-conductor':
    'runs without --conductor.enabled: its blocks would not be committed here; restart its op-node with it',
  quarantined: 'quarantined by {by}: {why}',
  'no-failover': 'configured noFailover',
  tried: 'was already tried since the last committed term',
  'fenced-sequencing': 'still sequencing though fenced; its commits are refused',
  eligible: 'eligible: lag {lag}, priority {priority}',
  // Shared causes
  'cut-off': 'no node answers at all: Baton itself is probably cut off',
  'store-silent':
    'the store has not answered for {ms} ms ({message}): no block can be committed through it, and nothing is granted',
  'monitor-errors': 'every turn of the monitor has failed for {ms} ms ({message}): nothing is granted',
  ingress: 'the gate does not answer ({message}): no node could commit',
  'l1-frozen': 'the L1 head of every node is {ageS} s old: another sequencer would stall too',
  'l1-endpoint':
    'the L1 head of every node is {ageS} s old, but L1 goes on (block {number}): their endpoint stands still',
  'l1-reorg': 'L1 replaced block {number}, the origin of block {block}: {hash} became {canonical}',
  'all-failed': 'every candidate was tried and none committed',
  'not-armed': 'observing only: no commit has arrived here yet',
  'commits-missing': '{node} sequences (block {number}) but does not commit here (head {committed})',
  // L1
  'window-closing':
    'not on L1: all blocks after {safe}. In {leftMs} ms L1 replaces them ({usedPercent} % of the sequencing window passed)',
  'window-over': 'not on L1: all blocks after {safe}. The sequencing window closed {overMs} ms ago: L1 replaces them',
  'finality-behind': 'nothing after block {number} is final: it is {behindMs} ms behind the safe head',
  'batcher-silent': 'the batcher {address} had its last transaction in L1 {ageMs} ms ago',
  'drift-closing': 'the L1 origin stands still: in {leftMs} ms sequencing stops ({usedPercent} % of the drift used)',
  'drift-over': 'the L1 origin stands still: sequencing had to stop {overMs} ms ago',
  'poster-poor': 'the {who} {address} runs out of ether in {leftMs} ms ({balanceEth} ETH left)',
  'poster-empty': 'the {who} {address} has no ether: it cannot post to L1',
  'follow-l1': 'the head follows L1 from block {from} {fromHash} to block {number} {hash}',
  'l1-reorged':
    'L1 replaced block {l1}, from which committed block {number} derives ({origin} became {canonical}); {nodes} have left it',
  'taken-back': 'still stands at block {number} {hash}, which L1 took back',
  'window-expired':
    'the sequencing window of L1 block {l1} is over (L1 is at {l1Head}): {nodes} derive block {safe} {hash}, which was never committed',
  'l1-derived': '{nodes} derive block {safe} {hash} from L1, above the committed head {number}',
  'left-head':
    '{nodes} have left the committed head {number}, and L1 does not explain it ({message}): a person must decide',
  'l1-rpc-down': 'our own L1 endpoint fails ({message}); what is left is counted on from {ageMs} ms ago',
  // Clocks
  'own-clock': 'the clock of this monitor is at least {skewMs} ms {direction} that of the store',
  'block-clock':
    'its blocks are stamped at least {skewMs} ms {direction} the clock of this monitor: see to the clock of its host',
  'gate-clock': 'the clock of the gate it commits through is at least {skewMs} ms {direction} that of this monitor',
  // Control
  paused: 'paused by {by}',
  held: 'pinned to {node} by {by}',
  'lease-running': 'the lease runs for another {ms} ms',
  'hold-time': 'moved {ageMs} ms ago; soft reasons wait {holdMs} ms',
  'budget-used': '{grants} automatic moves in the last hour, {budget} allowed',
  cooldown: 'cooling down for another {ms} ms',
  'no-candidate': 'no eligible standby',
  'fence-pending': 'term {term} is granted but the head is fenced at {headTerm}',
  'lease-behind': 'the lease names term {term}, the head is already fenced at {headTerm}',
  'lease-missing': 'the head exists but its lease is gone',
  'head-missing': 'the lease exists but the head is gone: an operator must name the head ("baton disaster")',
  'records-lost':
    'head and lease are gone, but this chain was run by Baton before: an operator must name the head ("baton disaster")',
  bootstrap: 'no record yet: all nodes agree on block {number} {hash} and none sequences',
  'bootstrap-wait': 'no record yet: {message}',
  switchover: 'switchover requested by {by}',
  'switchover-scheduled': 'a switchover is scheduled in {ms} ms',
  'switchover-waits': 'the switchover scheduled by {by} waits while this page stands; it is dropped in {ms} ms',
  'switchover-dropped': 'the switchover asked for by {by} is over with this move',
  'switchover-refused': 'the target {target} is not fit: {message}',
  'block-boundary': 'waiting for the next commit, {ms} ms away, so that no slot is missed',
  'rolled-back': 'the target did not commit: back to {node}',
  operator: '{message}',
  // What an act came to
  'head-fenced': 'head fenced at block {number} {hash}',
  started: 'started in {ms} ms, {posted} payloads posted first',
  'stopped-at': 'stopped at {hash}',
  'stop-failed': 'could not be stopped ({message}); its commits stay refused',
  'derivation-reset': 'its op-node was asked to start over from what L1 and its execution client have',
  'reset-failed': 'could not be asked to look at L1 anew ({message})',
  'topped-up': '{blocks} committed blocks posted; it is at block {number}, {left} left',
  'top-up-failed': 'could not be given the committed blocks it lacks: {message}',
  adopted: '{from} stopped at block {number} {hash}; {to} is to go on',
  'recovery-begun': 'crash recovery begun: {damage}',
  'recovery-step': '{method}: {outcome} ({ms} ms)',
  'recovery-verified':
    'recovered in {ms} ms by {methods}: block {number} {hash}, {compared} hashes compared, state read, {canary}',
  'recovery-needless': 'it sequences again: crash recovery ended, nothing was done to it since',
  'recovery-failed': 'crash recovery gave up: {message}; tried {methods}',
  'page-over': 'nothing to page for any more',
  'no-effect': 'asked to {act} {tries} times in {ms} ms without effect',
  'no-block': 'no block for {ageMs} ms',
  'head-unacceptable':
    'committed block {number} {hash} is on no node, and every node refuses to go on from it: "baton disaster re-seed --confirm {parent} --against-vote" goes back to block {below}',
  overridden:
    'publishes without commits (override): nothing is granted before "baton disaster return" has taken its blocks back',
  'head-placed': 'the head was placed at block {number} {hash} by hand, {told}',
  returned: '{count} blocks it published without commits are adopted; the head is block {number} {hash}',
  upgrade: 'upgrade to {to}: {told}',
  // What is kept
  'bad-payload':
    'committed block {number} {hash}: what is kept as it is not that block ({problem}), and no node can take it. If no node has the block, go back to block {parentNumber}: baton disaster re-seed --confirm {parentHash} --against-vote',
  // Backfill
  'backfill-range': 'blocks {range} are missing ({blocks} in all); they go in through its {through} client',
  'backfill-done': '{blocks} blocks plugged in {ms} ms, from {sources}; block {number} {hash} is there with its state',
  'backfill-failed': 'ended after {blocks} blocks: {message}',
  'payload-corrupt': '{place} holds a payload that is not the committed block: {message}',
} as const

/** A code of {@link reasonTexts}. */
export type ReasonCode = keyof typeof reasonTexts

/** Builds a reason; the node it speaks of may be given as part of the evidence. */
export function reason(code: ReasonCode, evidence: Evidence = {}, node?: string): Reason {
  return node === undefined ? { code, evidence } : { code, node, evidence }
}

/** The sentence of a reason, its placeholders filled from the evidence. */
export function renderReason({ code, node, evidence }: Reason): string {
  const facts: Evidence = node === undefined ? evidence : { node, ...evidence }
  const text = reasonTexts[code].replace(/\{(\w+)\}/g, (_, key: string) => String(facts[key] ?? '?'))
  return node === undefined ? text : `${node}: ${text}`
}
