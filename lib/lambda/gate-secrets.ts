import * as v from 'valibot'
import { parameterNames } from '../config/parameter-names.ts'
import { type FindRoleSecrets, type FindSecrets, route } from '../gate/auth.ts'
import { type RoleSecrets, roles } from '../gate/desk.ts'
import type { Gate } from '../gate/handle.ts'
import type { Log } from '../log.ts'
import type { NodeName } from '../protocol/records.ts'
import type { ReadParameters } from '../store/parameters.ts'
import { type Cached, cached } from './cached.ts'
import { readChainConfig } from './chain-config.ts'
import type { Environment } from './environment.ts'

/** The secrets of every chain a gate serves. */
type GateSecrets = {
  readonly find: FindSecrets
  readonly findRole: FindRoleSecrets
  /** Reads secrets again if half their lifetime is over, in parallel with a call. */
  renew(): Promise<void>
  /** A gate that reads a chain's secrets again, rate-limited, before it refuses one: new secrets work at once. */
  guard(gate: Gate): Gate
  /** The block time of a chain whose secrets were read; `undefined` = not yet. */
  blockTimeMs(chain: string): number | undefined
}

/**
 * Secrets from the Parameter Store, cached for a minute. While the store is unavailable, the last ones stay valid. A
 * chain that the function does not serve causes no read. Wrong secrets cause one read per chain in five seconds, so
 * that no caller can flood the store.
 */
export function gateSecrets({ chains, parameters: prefix }: Environment, read: ReadParameters, log: Log): GateSecrets {
  const blockTimes = new Map<string, number>()
  const byChain = new Map<string, Cached<Secrets>>(
    chains.map((chain) => {
      const onFailure = (error: unknown) => log.error('secrets not read; the last ones stay valid', { chain, error })
      const load = async (last: Secrets | undefined) => {
        const {
          nodes,
          chain: { blockTimeMs },
        } = await readChainConfig(read, prefix, chain, log)
        blockTimes.set(chain, blockTimeMs)
        const names = nodes.map(({ name }) => name)
        const place = { prefix, chain }
        const own = await readChainSecrets(read, place, names, last?.nodes, log)
        return { nodes: own, roles: await readRoleSecrets(read, place, own, last?.roles, log) }
      }
      return [chain, cached(load, { onFailure })]
    }),
  )
  return {
    blockTimeMs: (chain) => blockTimes.get(chain),
    find: async (chain, node) => (await byChain.get(chain)?.get())?.nodes.get(node),
    findRole: async (chain) => (await byChain.get(chain)?.get())?.roles,
    renew: async () => {
      await Promise.all([...byChain.values()].map((secrets) => secrets.renew()))
    },
    guard: (gate) => async (request) => {
      const answer = await gate(request)
      if (answer.status !== 401) return answer
      const found = route(request.method, request.path)
      const [only] = chains
      const chain = found.to === 'node' ? found.caller.chain : found.to === 'leader' ? found.chain : only
      const secrets = byChain.get(chain ?? '')
      return (await secrets?.again()) ? gate(request) : answer
    },
  }
}

type Secrets = { readonly nodes: ChainSecrets; readonly roles: RoleSecrets }

/** The one or two valid secrets of each node of a chain. */
export type ChainSecrets = ReadonlyMap<NodeName, readonly string[]>

const schema = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.pipe(v.string(), v.minLength(8))),
  v.minLength(1),
  v.maxLength(2),
)
const EXPECTED = 'a JSON list of one secret, or two while it is being changed, each of at least 8 characters'

/**
 * Reads the secrets of a chain's nodes. Logs an invalid secret and affects only its node, which keeps its last secrets
 * (`last`) or has none.
 *
 * @throws StoreUnavailableError
 */
export async function readChainSecrets(
  read: ReadParameters,
  place: { readonly prefix: string; readonly chain: string },
  nodes: readonly NodeName[],
  last: ChainSecrets | undefined,
  log: Log,
): Promise<ChainSecrets> {
  const names = parameterNames(place.prefix, place.chain)
  const found = await read(nodes.map((node) => names.secrets(node)))
  const secrets = new Map<NodeName, readonly string[]>()
  const owners = new Map<string, NodeName>()
  for (const node of nodes) {
    const name = names.secrets(node)
    const own = found.get(name)
    const parsed = v.safeParse(schema, own?.value)
    const twin = parsed.success ? parsed.output.map((secret) => owners.get(secret)).find(Boolean) : undefined
    const problem = !own ? 'is missing' : !parsed.success ? 'is not what it should be' : twin && `is also ${twin}'s`
    if (problem) {
      log.error(`the secret of ${node} ${problem}; write ${EXPECTED} to ${name}`, { chain: place.chain, node })
    }
    const valid = parsed.success && !twin ? parsed.output : (last?.get(node) ?? [])
    for (const secret of valid) owners.set(secret, node)
    secrets.set(node, valid)
  }
  return secrets
}

/**
 * Reads the secrets of those who call the gate and are no node. A role whose parameter is missing has no callers; an
 * invalid one, or a node's, is logged, and the last ones (`last`) stay.
 *
 * @throws StoreUnavailableError
 */
async function readRoleSecrets(
  read: ReadParameters,
  { prefix, chain }: { readonly prefix: string; readonly chain: string },
  nodes: ChainSecrets,
  last: RoleSecrets | undefined,
  log: Log,
): Promise<RoleSecrets> {
  const names = parameterNames(prefix, chain)
  const nameOf = (role: string) => names.role(`${role}s`)
  const found = await read(roles.map(nameOf))
  const taken = new Set([...nodes.values()].flat())
  const secrets: { -readonly [role in keyof RoleSecrets]: RoleSecrets[role] } = {}
  for (const role of roles) {
    const name = nameOf(role)
    const own = found.get(name)
    if (!own) continue
    const parsed = v.safeParse(schema, own.value)
    const problem = !parsed.success
      ? 'is not what it should be'
      : parsed.output.some((secret) => taken.has(secret)) && "is also a node's or another role's"
    if (problem) log.error(`the secret of ${role}s ${problem}; write ${EXPECTED} to ${name}`, { chain })
    const valid = parsed.success && !problem ? parsed.output : (last?.[role] ?? [])
    for (const secret of valid) taken.add(secret)
    secrets[role] = valid
  }
  return secrets
}
