import type { Mutation } from './mutation.ts'

const CONTROL = 'protocol/control.ts'
const ORDERS = 'protocol/orders.ts'
const MOVE = 'protocol/move.ts'
const GRANT = 'protocol/grant.ts'
const SWITCHOVER = 'protocol/switchover.ts'
const FOLLOW_L1 = 'protocol/follow-l1.ts'
const CONTRADICT = 'monitor/contradict.ts'
const RETURN = 'operations/disaster/return.ts'

/** Orders of people, what stands before a node, and L1 that takes blocks back. */
export const ORDER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'the quorum is half',
    file: FOLLOW_L1,
    from: 'Math.floor(nodes.length / 2) + 1',
    to: 'Math.ceil(nodes.length / 2)',
    equivalent: 'our own L1 endpoint proves what half of the nodes say: `mutants.test.ts` has this line',
  },
  {
    name: 'automatic moves are not counted',
    file: GRANT,
    from: 'grants: automatic ? [...recent, now] : recent,',
    to: 'grants: recent,',
  },
  {
    name: 'a grant whose write was lost is recorded as made',
    file: 'monitor/carry-out.ts',
    from: "  if (!written) return 'look'\n",
    to: '',
  },
  {
    name: 'refusing a switchover counts no order',
    file: CONTROL,
    from: 'set: { orders: lease.orders + 1, ...dropped(lease, how) },',
    to: 'set: { orders: lease.orders, ...dropped(lease, how) },',
  },
  {
    name: 'the lag is that of op-node alone',
    file: 'protocol/fitness.ts',
    from: 'consensus.value.unsafe.number < execution.value.latest.number\n',
    to: 'consensus.value.unsafe.number >= 0n\n',
    equivalent: 'one that lags is given the blocks before it starts: `mutants.test.ts` has this line',
  },
  {
    name: 'followHead keeps the lease’s leader',
    file: GRANT,
    from: '      leader: head.leader,\n',
    to: '      leader: lease.leader,\n',
  },
  {
    name: 'a calm turn although a switchover waits',
    file: 'monitor/tick.ts',
    from: '  !lease?.switchover &&\n',
    to: '',
    equivalent: 'the turn after it looks, a second later: `mutants.test.ts` has this line',
  },
  {
    name: 'the way back of a way back is the operator’s',
    file: MOVE,
    from: "!leader.verified && lease.cause.code === 'switchover'",
    to: "!leader.verified && ['switchover', 'rolled-back'].includes(lease.cause.code)",
  },
  {
    name: 'an automatic grant does not name the renewal',
    file: GRANT,
    from: "automatic ? all(orders, equals('renewedAt', lease.renewedAt)) : orders",
    to: 'orders',
    equivalent:
      'it takes a grant that arrives late, after a renewal: `orders.test.ts` and `npm run explore` have this line',
  },
  {
    name: 'a pause leaves a scheduled switchover',
    file: CONTROL,
    from: 'paused: true, hold: true, auto: false',
    to: 'paused: false, hold: true, auto: false',
  },
  {
    name: 'a hold leaves a scheduled switchover',
    file: CONTROL,
    from: 'paused: true, hold: true, auto: false',
    to: 'paused: true, hold: false, auto: false',
  },
  {
    name: 'a switchover has no latest time',
    file: SWITCHOVER,
    from: '  if (now > latest) return refuse',
    to: '  if (latest < 0) return refuse',
  },
  {
    name: 'a scheduled switchover begins at once',
    file: SWITCHOVER,
    from: 'if (switchover.notBefore > now) {',
    to: 'if (switchover.notBefore < 0) {',
  },
  {
    name: 'an earlier order wins over a later mode',
    file: ORDERS,
    from: "  if (mode === 'auto') return undefined\n",
    to: "  if (mode !== 'auto' || modeBy === '') return undefined\n",
    equivalent: 'a pause and a hold withdraw what waits by the same write: this is the second line (`orders.test.ts`)',
  },
  {
    name: 'a grant during an override',
    file: 'protocol/decide.ts',
    from: '  if (!overridden) return undefined\n',
    to: '  if (overridden || !overridden) return undefined\n',
    equivalent: 'an override pauses by the same write, and no order ends the pause: `orders.test.ts` has this line',
  },
  {
    name: 'resume during an override',
    file: ORDERS,
    from: "  resume: ['override'],\n",
    to: '  resume: [],\n',
    equivalent: 'Baton grants nothing during an override in whatever mode: `orders.test.ts` has this line',
  },
  {
    name: 'a switchover during an override',
    file: ORDERS,
    from: "  switchover: ['override', 'switchover'],\n",
    to: "  switchover: ['switchover'],\n",
    equivalent: 'Baton grants nothing during an override, no matter who asks: `orders.test.ts` has this line',
  },
  {
    name: 'an override beside an override',
    file: ORDERS,
    from: "  override: ['override-elsewhere', 'recovery'],\n",
    to: "  override: ['recovery'],\n",
  },
  {
    name: 'a return that names another node',
    file: ORDERS,
    from: "  return: ['override-elsewhere'],\n",
    to: '  return: [],\n',
  },
  {
    name: 'an override leaves the head open',
    file: 'operations/disaster/close.ts',
    from: "const write = fence('', head.term + 1, at)",
    to: 'const write = fence(head.leader, head.term, at)',
    equivalent: 'the node that sequenced was stopped before, and Baton is paused: `override.test.ts` has this line',
  },
  {
    name: 'a return while the node publishes',
    file: RETURN,
    from: '  const tip = await stopAndSee(ports, node)\n',
    to: '  const tip = await ports.port(node).unsafe()\n',
  },
  {
    name: 'a return adopts the oldest block alone',
    file: 'operations/disaster/take-over.ts',
    from: '    newest = kept.at(-1)\n',
    to: '    newest = kept[0]\n',
  },
  {
    name: 'a proxy’s word is the process’s own',
    file: 'chain/failure.ts',
    from: "cause instanceof SyntaxError) return 'proxy'",
    to: "cause instanceof SyntaxError) return 'refused'",
  },
  {
    name: 'a node behind a proxy is alive',
    file: 'protocol/observation.ts',
    from: "failure === 'timeout' || failure === 'reset' || failure === 'proxy'",
    to: "failure === 'timeout' || failure === 'reset'",
  },
  {
    name: 'L1 is not asked while sequencing moves',
    file: 'monitor/tick.ts',
    from: "const taken = decision.sharedCause?.code === 'l1-reorg'",
    to: 'const taken = false',
    equivalent: 'L1 is asked after a start that failed, too; here no start on such a head succeeds: `l1-reorg.test.ts`',
  },
  {
    name: 'the head stays on a block L1 took back',
    file: CONTRADICT,
    from: "if (orphaned && ofSafe !== 'other'",
    to: "if (orphaned && ofSafe === 'other'",
  },
  {
    name: 'the head goes back further than L1 took it',
    file: CONTRADICT,
    from: "return { of, block, why: reason('l1-reorged', evidence) }",
    to: "return { of, block: safe, why: reason('l1-reorged', evidence) }",
    equivalent: 'what stands is on L1 already here, so that both are one block: `contradict.test.ts` has this line',
  },
  {
    name: 'a head that follows L1 keeps its leader',
    file: FOLLOW_L1,
    from: "leader: '',\n      term: term + 1,",
    to: 'leader: head.leader,\n      term: term + 1,',
  },
  {
    name: 'a head that follows L1 keeps its term',
    file: FOLLOW_L1,
    from: "leader: '',\n      term: term + 1,",
    to: "leader: '',\n      term,",
  },
  {
    name: 'what the head left counts as published',
    file: FOLLOW_L1,
    from: '  left !== undefined && (hash === left.hash',
    to: '  left === null && (hash === left?.hash',
    equivalent: 'none of 6,000 histories shows it: `follow-l1.test.ts` and `decide.test.ts` have this line',
  },
]
