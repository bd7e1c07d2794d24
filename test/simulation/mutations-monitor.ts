import type { Mutation } from './mutation.ts'

const CARRY_OUT = 'monitor/carry-out.ts'
const START = 'monitor/acts/start.ts'
const ENSURE = 'monitor/acts/start.ts'
const ADOPT = 'operator/adopt.ts'

const SAMPLES = `  const samples = await Promise.all(
    ports.nodes.map(({ name }) => ports.port(name).observe(asked, isBrief(memory, name))),
  )
  const before = { ...memory.observed }
  noteSamples(ports, memory, samples, asked)
  const judgedBy = memory.genesis
  let view = await readRecords(ports, memory, {
    ...(asked && { asked }),
    ...(memory.chain && { linked: memory.chain.blocks }),
  })
`

/** Right decisions wrongly carried out. */
export const MONITOR_MUTATIONS: readonly Mutation[] = [
  {
    name: 'the fence is skipped',
    file: CARRY_OUT,
    from: 'await ports.heads.write(ports.chain.id, fence(node, term, ports.clock.now()))\n',
    to: '{ applied: true as const, item: await ports.heads.read(ports.chain.id) ?? { number: 0n, hash: "" } }\n',
  },
  {
    name: 'a fence without an answer counts as done',
    file: CARRY_OUT,
    from: 'fence(node, term, ports.clock.now()))\n  if',
    to: 'fence(node, term, ports.clock.now())).catch(() => ({ applied: true as const, item: { number: 0n, hash: "" } }))\n  if',
    equivalent: 'the next step reads the head and finds the fence missing: what counts is what is recorded',
  },
  {
    name: 'a grant without an answer counts as done',
    file: CARRY_OUT,
    from: 'return (await leases.write(chain.id, write)).applied',
    to: 'return leases.write(chain.id, write).then(({ applied }) => applied, () => true)',
  },
  {
    name: 'fenced at the term before',
    file: CARRY_OUT,
    from: 'fence(node, term, ports.clock.now())',
    to: 'fence(node, term - 1, ports.clock.now())',
  },
  {
    name: 'fenced again after a start',
    file: CARRY_OUT,
    from: '  const began = clock.now()\n',
    to: '  const began = clock.now()\n  await ports.heads.write(ports.chain.id, fence(node, term + 1, began))\n',
  },
  {
    name: 'started on the head as it was read before the fence',
    file: START,
    from: '  if (head?.leader !== node || head.term !== term) return',
    to: '  if (head === undefined) return',
    equivalent:
      'a start at a stale head or for a stale term ends at the gate: the node is no leader, or its hash no match',
  },
  {
    name: 'started before it has the blocks',
    file: START,
    from: '  const ensured = await ensure(ports, node, head)\n',
    to: "  const ensured = { ensured: 'there' as const } as Awaited<ReturnType<typeof ensure>>\n",
  },
  {
    name: 'only the newest payload is posted',
    file: ENSURE,
    from: 'for (const envelope of chain.envelopes) await',
    to: 'for (const envelope of chain.envelopes.slice(-1)) await',
  },
  {
    name: 'the archive is not asked',
    file: 'context/payloads.ts',
    from: "    ['archive', () => chainArchive(objects, chain.id).read(wanted)],\n",
    to: '',
  },
  {
    name: 'a refused start counts as started',
    file: START,
    from: "  if (outcome === 'refused') return { started: false, message: 'message' in rest ? rest.message : outcome }",
    to: "  if (outcome === 'refused') return { started: true, posted, tries }",
  },
  {
    name: 'nothing is archived',
    file: 'store/archive.ts',
    from: 'if (!named) await objects.put(key, packed, { ifAbsent: true, commit })',
    to: '',
  },
  {
    name: 'an outage of the store is held against the leader',
    file: 'monitor/run.ts',
    from: '      delete memory.head\n',
    to: '',
  },
  {
    name: 'an outage of the gate is held against the leader',
    file: 'monitor/tick.ts',
    from: 'if (memory.shared && !decision.sharedCause && memory.head) {',
    to: 'if (memory.shared && !decision.sharedCause && memory.head && memory.ticks < 0) {',
  },
  {
    name: 'records are read before the nodes',
    file: 'context/observe.ts',
    from: SAMPLES,
    to: `  const early = await readRecords(ports, memory, {})\n${SAMPLES.replace('await readRecords(ports, memory, {', '{ ...early, observed: { ...memory.observed },').replace('  })', '  }')}`,
  },
  {
    name: 'a monitor’s clock is believed for ever',
    file: 'store/monitor-lease.ts',
    from: 'old && old.until > now + 2 * ttlMs ? old : undefined',
    to: 'old && old.until < 0 ? old : undefined',
  },
  {
    name: 'a clock that is set back stops the monitor',
    file: 'monitor/run.ts',
    from: 'Math.min(tickMs, Math.max(MIN_PAUSE_MS, wakeAt - clock.now()))',
    to: 'Math.max(MIN_PAUSE_MS, wakeAt - clock.now())',
  },
  {
    name: 'only one head is proven',
    file: 'context/observe.ts',
    from: 'memory.chain?.end === head.hash ? memory.chain.blocks : [head.hash]',
    to: '[head.hash]',
  },
  {
    name: 'a monitor that stands by acts',
    file: 'monitor/tick.ts',
    from: 'if (!active || memory.ticks === 1) return',
    to: 'if (memory.ticks === 1) return',
    equivalent: 'every act is conditional: two monitors are as safe as one, the monitor lease only saves requests',
  },
  {
    name: 'the first head is kept without its payload',
    file: 'context/payloads.ts',
    from: 'return fitsItem(packed) ? packed : undefined',
    to: 'return undefined',
    equivalent: 'one history in some 50,000 shows it: a regression does',
  },
  {
    name: 'adopt: the old sequencer is not stopped',
    file: ADOPT,
    from: 'const stoppedAt = await ports.port(source).stop()',
    to: 'const stoppedAt = (await ports.port(source).unsafe()).hash',
  },
  {
    name: 'adopt: the old sequencer keeps sequencing when the store fails',
    file: ADOPT,
    from: '  const seeded = await answered(ports, () => heads.write(chain.id, seedHead(block, 0, clock.now(), payload)))\n',
    to: '  const seeded = await heads.write(chain.id, seedHead(block, 0, clock.now(), payload)).catch(async (error: unknown) => { await ports.port(source).start(stoppedAt); throw error })\n',
  },
  {
    name: 'adopt: seeded below the block it stopped at',
    file: ADOPT,
    from: 'seedHead(block, 0, clock.now(), payload)',
    to: 'seedHead({ ...block, number: block.number - 1n, hash: block.parentHash }, 0, clock.now())',
  },
]
