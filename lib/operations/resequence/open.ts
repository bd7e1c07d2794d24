import { randomUUID } from 'node:crypto'
import type { AwsAccess } from '../../aws/signed-fetch.ts'
import { systemClock as clock } from '../../context/ports.ts'
import { openHost } from '../../host/open-host.ts'
import { reason } from '../../protocol/reason.ts'
import type { ObjectStore, Stores } from '../../store/stores.ts'
import type { ResequenceConfig } from './config.ts'
import type { Endpoints } from './context.ts'
import { createJournal, type Journal } from './journal.ts'
import type { Held } from './lease.ts'
import { createRpc } from './rpc.ts'
import type { RunContext } from './run.ts'

/** What it takes to open a chain. */
export type Opening = {
  readonly config: ResequenceConfig
  readonly stores: Pick<Stores, 'history'>
  readonly objects: ObjectStore
  readonly by: string
  readonly say: (message: string) => void
  readonly signal: AbortSignal
  /** The lease of the chain; absent = read only: the journal cannot be written. */
  readonly held?: Held
  /** As in {@link Endpoints}: when the first slice of this execution began. */
  readonly since?: number
  /** AWS access for machines behind Systems Manager; absent = region and credentials from the environment. */
  readonly aws?: AwsAccess
}

/** Opens the run context as configured. Contacts no machine yet. */
export function openResequence(opening: Opening): RunContext {
  const { config, stores, by, say, signal, since, aws } = opening
  const { sequencer, l1Clients, followers, l1, patience, chain } = config
  const host = openHost(sequencer.host, aws)
  const endpoints: Endpoints = {
    config,
    host,
    l1Host: l1Clients ? openHost(l1Clients.host, aws) : host,
    node: createRpc('sequencer', sequencer.rpc, patience.rpcMs),
    followers: followers.map(({ name, rpc }) => ({ name, rpc: createRpc(name, rpc, patience.rpcMs) })),
    l1: createRpc('L1', l1.rpc, patience.rpcMs),
    clock,
    say,
    signal,
    ...(since !== undefined && { since }),
  }
  const journal: Journal = createJournal(opening.objects, String(chain.id), opening.held)
  return {
    endpoints,
    journal,
    by,
    async remember(message) {
      const at = clock.now()
      await stores.history.append({
        chain: String(chain.id),
        id: `${new Date(at).toISOString()}#${randomUUID().slice(0, 8)}`,
        at,
        actor: { kind: 'operator', name: by },
        what: 'resequence',
        term: 0,
        head: 0n,
        reasons: [reason('operator', { message })],
      })
    },
  }
}
