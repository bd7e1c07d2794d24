import { readFile } from 'node:fs/promises'
import { createNodeClient } from '../../chain/client.ts'
import { createEngineClient, type EngineClient } from '../../chain/engine/client.ts'
import { exchangeCapabilities } from '../../chain/engine/versions.ts'
import type { ChainConfig } from '../../config/chain-config.ts'
import { ConfigurationError } from '../../config/error.ts'
import { expectedAt } from '../../config/expected.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { BackfillPorts, NodeClients } from './ports.ts'

/** Where an engine's secret can be read from. */
export type SecretReaders = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a SecureString of the Parameter Store; `undefined` = there is none. Absent = not on AWS. */
  readonly parameter?: (name: string) => Promise<string | undefined>
}

type EngineConfig = NonNullable<ChainConfig['nodes'][number]['engine']>

/** For a batch of a hundred blocks from a busy client. */
const TIMEOUT_MS = 10_000

/**
 * Opens the ports of a backfill. Reads the engines' secrets now: an unreadable one fails now, and not halfway.
 *
 * @throws ConfigurationError naming the field of the secret.
 */
export async function openBackfill(
  config: ChainConfig,
  ports: ChainPorts,
  readers: SecretReaders,
): Promise<BackfillPorts> {
  const opened = await Promise.all(
    config.nodes.map(async ({ name, consensus, execution, engine }, i) => {
      const access = engine && (await openEngine(engine, `nodes[${i}].engine.jwt`, readers))
      const clients: NodeClients = {
        execution: createNodeClient(execution, { timeoutMs: TIMEOUT_MS }),
        consensus: createNodeClient(consensus, { timeoutMs: TIMEOUT_MS, batch: false }),
        ...(access && { engine: access }),
      }
      return [name, clients] as const
    }),
  )
  const byName = new Map(opened)
  return {
    ...ports,
    engineMethods: (node) => {
      const engine = byName.get(node)?.engine
      return engine && exchangeCapabilities(engine)
    },
    clients: (node) => {
      const clients = byName.get(node)
      if (!clients) throw new Error(`node "${node}" is not configured`)
      return clients
    },
  }
}

/**
 * Opens an engine as configured.
 *
 * @param field the secret's place in the configuration, for the error.
 * @throws ConfigurationError when the secret cannot be read or is malformed.
 */
export async function openEngine(
  { url, jwt }: EngineConfig,
  field: string,
  readers: SecretReaders,
): Promise<EngineClient> {
  const [[kind, place] = []] = Object.entries(jwt) as ['env' | 'file' | 'ssm', string][]
  const path = `${field}.${kind}`
  const wrong = (problem: string, cause?: unknown) =>
    new ConfigurationError(
      'the engine access',
      [{ path, problem, write: expectedAt(`nodes.0.engine.jwt.${kind}`) ?? '64 hex digits' }],
      cause,
    )
  const text = await readSecret(jwt, readers).catch((cause: unknown) => {
    throw wrong(`${place} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  })
  if (text === undefined) throw wrong(`there is no ${place}`)
  const digits = text.trim().replace(/^0x/, '')
  // Never show the malformed value: it may be the secret with a typo.
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw wrong(`${place} does not hold 64 hex digits`)
  return createEngineClient(url, Buffer.from(digits, 'hex'))
}

async function readSecret(jwt: EngineConfig['jwt'], { env, parameter }: SecretReaders): Promise<string | undefined> {
  if ('env' in jwt) return env[jwt.env]
  if ('file' in jwt) return readFile(jwt.file, 'utf8')
  if (!parameter) throw new Error('the Parameter Store is not read here')
  return parameter(jwt.ssm)
}
