import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Family, parseExposition } from '../../prometheus/parse-exposition.ts'
import { Supervised } from '../devnet/process.ts'
import { go } from '../go.ts'
import { MODULE, prepareModule } from '../go-module.ts'

const CACHE = join(MODULE, '..', '..', '.cache', 'real')
const PROGRAM = join(CACHE, 'bin', 'op-conductor-mon')

/** Builds op-conductor-mon with the versions of its imports that the other programs are built from. */
async function build(infra: string): Promise<void> {
  await prepareModule(console.error)
  const modFile = join(CACHE, 'mon.mod')
  await mkdir(CACHE, { recursive: true })
  const optimism = 'github.com/ethereum-optimism/optimism'
  const own = await readFile(join(import.meta.dirname, 'op-conductor-mon.mod'), 'utf8')
  const version = new RegExp(`${optimism} (v\\S+)`).exec(own)?.[1]
  await writeFile(modFile, `${own}\nreplace ${optimism} => ${JSON.stringify(join(CACHE, `optimism-${version}`))}\n`)
  await copyFile(join(import.meta.dirname, 'op-conductor-mon.sum'), join(CACHE, 'mon.sum'))
  const source = join(infra, 'op-conductor-mon')
  await go(['build', '-C', source, `-modfile=${modFile}`, '-trimpath', '-o', PROGRAM, './cmd/monitor'], console.error)
}

/** op-conductor-mon: asks every conductor once a second, and has what they said as metrics. */
export class OpConductorMon {
  readonly process: Supervised
  readonly #url: string

  private constructor(process: Supervised, port: number) {
    this.process = process
    this.#url = `http://127.0.0.1:${port}/metrics`
  }

  static async start(infra: string, folder: string, port: number, conductors: Readonly<Record<string, string>>) {
    await build(infra)
    const config = join(folder, 'op-conductor-mon.yaml')
    // JSON is YAML.
    const written = {
      log_level: 'info',
      metrics: { enabled: true, host: '127.0.0.1', port: String(port) },
      poll_interval: '1s',
      node_state_expiration: '5s',
      rpc_timeout: '2s',
      nodes: Object.fromEntries(Object.entries(conductors).map(([name, url]) => [name, { rpc_address: url }])),
    }
    await writeFile(config, JSON.stringify(written))
    const process = new Supervised('op-conductor-mon', folder)
    process.launch(PROGRAM, [config])
    const mon = new OpConductorMon(process, port)
    await process.ready('has metrics', () => mon.look())
    return mon
  }

  /** What it says now. */
  async look(): Promise<Look> {
    const response = await fetch(this.#url, { signal: AbortSignal.timeout(2_000) })
    // Go's own metrics, which every program has, are none of its.
    const own = (await response.text()).split('\n').filter((line) => line.includes('op_conductor_mon_'))
    return lookOf(parseExposition(`${own.join('\n')}\n`))
  }
}

/** What op-conductor-mon says of the conductors, by node. */
export type Look = {
  readonly leaders: number | undefined
  /** The states of a node that are true. */
  readonly states: Readonly<Record<string, readonly string[]>>
  /** Whom each node calls the leader. */
  readonly leader: Readonly<Record<string, string>>
  readonly members: Readonly<Record<string, number>>
  readonly voters: Readonly<Record<string, number>>
}

function lookOf(families: readonly Family[]): Look {
  const samples = (name: string) => families.find((family) => family.name === `op_conductor_mon_${name}`)?.samples ?? []
  const byNode = (name: string) =>
    Object.fromEntries(samples(name).map(({ labels, value }) => [labels.node ?? '', value]))
  const states: Record<string, string[]> = {}
  for (const { labels, value } of samples('node_state')) {
    const { node = '', state = '' } = labels
    states[node] = [...(states[node] ?? []), ...(value === 1 ? [state] : [])]
  }
  return {
    leaders: samples('leader_count')[0]?.value,
    states,
    leader: Object.fromEntries(
      samples('node_leader')
        .filter(({ value }) => value === 1)
        .map(({ labels }) => [labels.node ?? '', labels.leader ?? '']),
    ),
    members: byNode('cluster_membership_count'),
    voters: byNode('cluster_voters_count'),
  }
}
