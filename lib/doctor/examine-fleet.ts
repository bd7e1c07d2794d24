import { createNodeClient } from '../chain/client.ts'
import { answer } from '../chain/failure.ts'
import type { ChainConfig, ConfiguredNode } from '../config/chain-config.ts'
import { ConfigurationError } from '../config/error.ts'
import { openEngine, type SecretReaders } from '../operations/backfill/open.ts'
import { examineEngine, examineNode } from './examine-node.ts'
import { checks, type Finding, finding } from './finding.ts'
import { judgeFleet, judgeNode } from './judge.ts'
import { judgeAlike } from './judge-alike.ts'

/** What to examine a fleet with. */
export type DoctorOptions = {
  /** The gate's origin, to try each node's secret there; absent = not tried. */
  readonly gate?: string | undefined
  /** Let each stopped node ask its conductor for the lead, by a start that cannot succeed. */
  readonly wired: boolean
  readonly readers: SecretReaders
}

/** Examines every node, and then the nodes beside each other. Changes nothing. */
export async function examineFleet(config: ChainConfig, options: DoctorOptions): Promise<readonly Finding[]> {
  const examined = await Promise.all(config.nodes.map((node) => examineNode(node, options.wired)))
  const access = await Promise.all(
    config.nodes.map(async (node, i) => [
      await judgeSecret(config, node, options.gate),
      await judgeEngine(node, i, options.readers),
    ]),
  )
  const found = [
    ...examined.flatMap((one) => judgeNode(one, config)),
    ...judgeAlike(examined, String(config.chain.id)),
    ...judgeFleet(examined, config),
    ...access.flat(),
  ]
  return found.toSorted((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check))
}

/** Whether the gate takes a node's secret. */
async function judgeSecret({ chain }: ChainConfig, { name, secrets }: ConfiguredNode, gate?: string): Promise<Finding> {
  const [secret] = secrets ?? []
  if (gate === undefined) return finding('secrets', name, ['skipped', 'no gate to ask: needs --gate'])
  if (secret === undefined) return finding('secrets', name, ['skipped', 'its secret is not on this machine'])
  const url = new URL(`/v1/chains/${chain.id}/nodes/${name}`, gate)
  url.username = name
  url.password = encodeURIComponent(secret)
  const client = createNodeClient(url.href, { timeoutMs: 3_000 })
  const asked = await answer(client.request({ method: 'conductor_leader' } as never))
  if (asked.ok) return finding('secrets', name, ['ok', 'the gate accepts it'])
  const refused = asked.failure === 'credential'
  const text = refused ? 'the gate refuses its secret' : `the gate does not answer for it: ${asked.message}`
  const todo = refused
    ? `Give the gate and --conductor.rpc of ${name} the same secret`
    : 'Start the gate, or correct --gate'
  return finding('secrets', name, ['bad', text, todo])
}

async function judgeEngine({ name, engine }: ConfiguredNode, i: number, readers: SecretReaders): Promise<Finding> {
  if (!engine) return finding('engine', name, ['skipped', 'no "engine" is configured: no backfill through it'])
  try {
    const asked = await examineEngine(await openEngine(engine, `nodes[${i}].engine.jwt`, readers))
    if (asked.ok) return finding('engine', name, ['ok', 'accepts the secret'])
    const refused = asked.failure === 'credential'
    const text = refused ? 'the engine refuses the JWT secret' : `the engine does not answer: ${asked.message}`
    const todo = refused ? `Give engine.jwt of ${name} the content of its jwt.hex` : `Correct engine.url of ${name}`
    return finding('engine', name, ['bad', text, todo])
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const [problem] = error.problems
    return finding('engine', name, ['bad', `${problem?.path}: ${problem?.problem}`, `Write ${problem?.write}`])
  }
}
