import * as v from 'valibot'
import { parameterNames } from '../config/parameter-names.ts'
import type { Log } from '../log.ts'
import type { NodeName } from '../protocol/records.ts'
import type { ReadParameters } from '../store/parameters.ts'

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
 * Reads the secrets of a chain's nodes. What is wrong about one node's secrets is logged and costs
 * nobody else: that node keeps those it had (`last`), or has none.
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
