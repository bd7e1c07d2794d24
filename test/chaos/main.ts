import { parseArgs } from 'node:util'
import { chainProblems } from '../real/baton/chain-problems.ts'
import { Rig } from '../real/baton/rig.ts'
import { startUsers } from '../real/devnet/users.ts'
import { pause } from '../real/devnet/wait.ts'
import { faults, type Random } from './faults.ts'
import { type Round, summarize } from './summary.ts'

// Rounds of random harm to three real sequencers, the gate, the monitor and the store, under transaction load.
// After each: a leader and two standbys again, and not one acknowledged block replaced or lost.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    /** Ends after so many minutes, with as many rounds as there were. */
    minutes: { type: 'string', default: '1000' },
  },
})
const seed = Number(values.seed)
const end = Date.now() + Number(values.minutes) * 60_000
const random = mulberry32(seed)
const HEALTHY_MS = 120_000

console.log(`chaos with seed ${seed}`)
// Twelve moves an hour are enough for a chain that is not harmed on purpose.
const rig = await Rig.create({ configure: (config) => ({ ...config, policy: { budgetPerHour: 1_000 } }) })
const rounds: Round[] = []
try {
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor(0)
  rig.startMonitor(1)
  await rig.healthy()
  const users = startUsers(rig.devnet)
  while (rounds.length < Number(values.rounds) && Date.now() < end) {
    const round = await play(rounds.length + 1)
    rounds.push(round)
    const { faults: done, gapS, healthyS, problems } = round
    const verdict = problems.length === 0 ? 'fine' : problems.join('; ')
    console.log(
      `${round.round}. ${done.join(', ')}: gap ${gapS.toFixed(1)} s, healthy after ${healthyS.toFixed(1)} s, ${verdict}`,
    )
    if (problems.length > 0) break
  }
  const included = await users.included().catch(() => Number.NaN)
  const sent = await users.stop()
  const terms = (await rig.ports.heads.read(rig.ports.chain.id))?.term
  console.log(summarize(rounds, rig.devnet.blockTime))
  console.log(
    `${rig.wire.acknowledged.length} acknowledgements, ${terms} terms, ${included} of ${sent} transactions included`,
  )
} finally {
  await rig.stop()
}
process.exit(rounds.every(({ problems }) => problems.length === 0) && rounds.length > 0 ? 0 : 1)

async function play(round: number): Promise<Round> {
  const before = rig.wire.acknowledged.length
  const reported: string[] = []
  const mendings: (() => Promise<void>)[] = []
  const several = pick([1, 1, 1, 2, 2, 3])
  // One fault of a kind at a time: a program killed twice, or a store lost twice, is one fault.
  for (const fault of shuffle(faults).slice(0, several)) {
    await pause(random() * 1_500)
    const name = (await rig.ports.heads.read(rig.ports.chain.id).catch(() => undefined))?.leader
    const leader = rig.devnet.hosts.find((host) => host.name === name)
    const host = random() < 0.6 && leader ? leader : pick(rig.devnet.hosts)
    reported.push(`${fault.name} (${host.name}${host === leader ? ', leader' : ''})`)
    mendings.push(await fault.strike(rig, host, random))
  }
  await pause(1_000 + random() * 6_000)
  for (const mend of shuffle(mendings)) {
    await mend()
    await pause(random() * 500)
  }
  const mended = Date.now()
  const problems: string[] = []
  try {
    await rig.devnet.connectPeers().catch(() => undefined)
    await rig.healthy(HEALTHY_MS)
    problems.push(...(await chainProblems(rig)))
  } catch (error) {
    problems.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
  // A block that was acknowledged again, since its first reply was lost, does not shorten a gap.
  const seen = rig.wire.acknowledged.slice(Math.max(0, before - 1))
  const times = seen.filter(({ number }, i) => i === 0 || number > (seen[i - 1]?.number ?? 0)).map(({ at }) => at)
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at))
  return {
    round,
    faults: reported,
    gapS: Math.max(0, ...gaps) / 1_000,
    healthyS: (Date.now() - mended) / 1_000,
    problems,
  }
}

function pick<T>(list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

function shuffle<T>(list: readonly T[]): T[] {
  return list
    .map((each) => [random(), each] as const)
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each)
}

/** A small generator of good numbers: the same seed, the same rounds (their timing is the machine's). */
function mulberry32(from: number): Random {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
