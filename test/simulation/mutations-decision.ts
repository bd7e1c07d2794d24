import type { Mutation } from './mutation.ts'

const HOLDER = 'protocol/leader.ts'
const IDLE = 'protocol/start-conditions.ts'
const MOVE = 'protocol/move.ts'
const DECIDE = 'protocol/decide.ts'
const FITNESS = 'protocol/fitness.ts'

/** Wrong decisions on right records. */
export const DECISION_MUTATIONS: readonly Mutation[] = [
  {
    name: 'a cause all share is ignored',
    file: 'protocol/shared-cause.ts',
    from: '  const samples = view',
    to: '  if (view.now > 0) return undefined\n  const samples = view',
  },
  {
    name: 'a silent node is dead though its blocks come',
    file: HOLDER,
    from: '(surely && silent',
    to: '(silent',
  },
  {
    name: 'a silent node is alive',
    file: HOLDER,
    from: "({ result }) => result !== 'ok' && (isSilence(result) || (surely && result === 'identity')),",
    to: '() => false,',
  },
  {
    name: 'a dead node is waited for',
    file: HOLDER,
    from: "windows.filter(({ result }) => result === 'refused')",
    to: 'windows.slice(0, 0)',
  },
  {
    name: 'a leader that never commits is waited for',
    file: HOLDER,
    from: ': now - awaited > firstCommitMs(view, head)',
    to: ': false',
  },
  {
    name: 'a leader that stalls is waited for',
    file: HOLDER,
    from: 'if (stalled) {',
    to: 'if (seenMs < 0) {',
  },
  {
    name: 'a fenced sequencer is left alone',
    file: 'protocol/decide.ts',
    from: "    commands.push({ act: 'stop', ",
    to: "    if (name === '') commands.push({ act: 'stop', ",
  },
  {
    name: 'a stopped leader is left alone',
    file: IDLE,
    from: "  if (!consensus.value.sequencing) return reason('not-sequencing', {}, head.leader)\n",
    to: '',
  },
  {
    name: 'a fence from a clock far ahead counts for ever',
    file: HOLDER,
    from: 'head.committedTerm === head.term ? 0 : head.fencedAt',
    to: 'head.fencedAt',
    equivalent: 'none of 6,000 histories shows it: a regression does',
  },
  {
    name: 'a zombie that is granted again gets no blocks',
    file: IDLE,
    from: '!consensus.value.sequencing || consensus.value.unsafe.number >= head.number) return undefined',
    to: 'head.number >= 0n) return undefined',
  },
  {
    name: 'the last node is not given its own last commit',
    file: 'protocol/move.ts',
    from: '(reasonToStart(view, head) ?? sequencingBehind(view, head)) !== undefined',
    to: 'reasonToStart(view, head) !== undefined',
  },
  {
    name: 'a try from a clock far ahead counts for ever',
    file: 'protocol/series.ts',
    from: 'Math.abs(now - series.last) < pauseOf(series)',
    to: 'now - series.last < pauseOf(series)',
    equivalent: 'none of 6,000 histories shows it: `bounds.test.ts` has this line',
  },
  {
    name: 'late by timestamps alone',
    file: HOLDER,
    from: 'const seenMs = now - (view.headSeenAt ?? Math.max(head.committedAt, head.fencedAt))',
    to: 'const seenMs = now - Number(head.timestamp) * 1000',
  },
  {
    name: 'hold is not obeyed',
    file: MOVE,
    from: "if (lease.mode === 'hold') return {",
    to: 'if (lease.mode === undefined) return {',
  },
  {
    name: 'pause is not obeyed',
    file: MOVE,
    from: "if (lease.mode === 'paused') return { why",
    to: 'if (lease.mode === undefined) return { why',
  },
  {
    name: 'quarantine is not obeyed',
    file: FITNESS,
    from: 'if (quarantine) reasons',
    to: 'if (quarantine === null) reasons',
  },
  {
    name: 'a node that was tried is tried again at once',
    file: 'protocol/grant.ts',
    from: "tried: sameRound && lease.leader !== '' ? [...new Set([...lease.tried, lease.leader])] : [],",
    to: 'tried: [],',
  },
  {
    name: 'a pending fence is not repaired',
    file: DECIDE,
    from: 'if (lease.term > head.term) {',
    to: 'if (lease.term > head.term + 1) {',
  },
  {
    name: 'a node above the head may lead',
    file: FITNESS,
    from: '  if (above) reasons.push',
    to: '  if (above === null) reasons.push',
    equivalent: 'an honest node never is above the head; one that says so is a shared cause before it is a candidate',
  },
  {
    name: 'a forked node may lead',
    file: FITNESS,
    from: '  if (instead) {',
    to: '  if (instead && false) {',
    equivalent: 'it cannot be started at the head, and the next one is granted: the check saves that time',
  },
  {
    name: 'seeded with the lowest head',
    file: 'protocol/bootstrap.ts',
    from: 'const highest = sorted.at(-1)',
    to: 'const highest = sorted[0]',
  },
  {
    name: 'a time from a clock far ahead binds',
    file: MOVE,
    from: 'until > now && until <= now + 2 * ms',
    to: 'until > now',
    equivalent: 'none of 6,000 histories shows it: `decide.test.ts` has this line',
  },
  {
    name: 'the hour’s moves are used up while L1 stands still',
    file: MOVE,
    from: 'return { why: shared.reason, page: true }',
    to: 'return undefined',
    equivalent: 'no chain here uses its origin up: `l1-frozen.test.ts` has this line',
  },
  {
    name: 'a pause and a switchover are compared by two clocks',
    file: 'protocol/orders.ts',
    from: 'return cause.order > modeOrder',
    to: 'return grantedAt >= modeAt',
    equivalent: 'what is left over has its commits refused all the same: `orders.test.ts` has this line',
  },
  {
    name: 'a standby on an abandoned branch is only behind',
    file: 'protocol/branch.ts',
    from: 'branch.committed === branch.of.hash',
    to: 'branch.of.hash !== undefined',
    equivalent: 'it cannot be brought to the head, and the next one is granted: `abandoned.test.ts` has this line',
  },
  {
    name: 'an unfit target is granted when an operator asks',
    file: 'protocol/switchover.ts',
    from: 'const first = hard[0] ?? (force',
    to: 'const first = (force',
    equivalent: 'it does not commit, and sequencing is rolled back: refusing it saves the gap',
  },
  {
    name: 'a chain is taken over in the moment it stands still',
    file: 'protocol/bootstrap.ts',
    from: 'ageMs < policy.verifyMs',
    to: 'ageMs < 0',
    equivalent:
      'all must have shown the same for a second as well, and a queue is shorter than that (decide.test.ts has this line)',
  },
  {
    name: 'the first grant waits for no node',
    file: 'protocol/bootstrap.ts',
    from: '  if (sequencing.length > 0) return wait(formatSequencing(sequencing))\n',
    to: '',
    equivalent: 'none of 6,000 histories shows it: `bootstrap.test.ts` has this line',
  },
]
