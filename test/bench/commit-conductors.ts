import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hashOf } from '../gate/payloads.ts'
import { NEWEST_FORK, rollupConfig } from '../real/devnet/genesis.ts'
import { freePorts } from '../real/devnet/ports.ts'
import { rpc } from '../real/devnet/rpc.ts'
import { binary } from '../real/programs.ts'

/** A raft cluster of three op-conductors; `url` is its leader's. */
export type Conductors = { readonly url: string; stop(): Promise<void> }

/**
 * Starts three op-conductors and joins them. They are paused and their op-node is a stand-in that
 * says it sequences: committing a block asks no node anything.
 */
export async function startConductors(folder: string): Promise<Conductors> {
  const rollup = join(folder, 'rollup.json')
  await writeFile(rollup, JSON.stringify(rollupConfig({ number: 0, hash: hashOf(0, 1) }, hashOf(0), 1, 2, NEWEST_FORK)))
  const node = await startStandIn()
  const ports = await freePorts(6)
  const children: ChildProcess[] = []
  const stop = async () => {
    for (const child of children) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    node.close()
  }

  const url = (i: number) => `http://127.0.0.1:${ports[2 * i]}`
  const raft = (i: number) => `127.0.0.1:${ports[2 * i + 1]}`
  const ask = <T>(method: string, params: readonly unknown[] = [], i = 0) =>
    rpc<T>(url(i), `conductor_${method}`, params, 6_000)
  try {
    for (const i of [0, 1, 2]) {
      const child = spawn(binary('op-conductor'), [
        ...['--consensus.addr=127.0.0.1', `--consensus.port=${ports[2 * i + 1]}`, '--rpc.addr=127.0.0.1'],
        ...[`--rpc.port=${ports[2 * i]}`, `--raft.server.id=node${i}`, `--raft.storage.dir=${folder}`],
        ...[`--rollup.config=${rollup}`, `--node.rpc=${node.url}`, `--execution.rpc=${node.url}`],
        ...['--healthcheck.interval=60', '--healthcheck.unsafe-interval=600', '--healthcheck.min-peer-count=1'],
        ...['--paused', ...(i === 0 ? ['--raft.bootstrap'] : [])],
      ])
      child.stdout.pipe(createWriteStream(join(folder, `op-conductor-${i}.log`)))
      children.push(child)
    }
    for (const i of [0, 1, 2]) await until(() => ask('paused', [], i))
    await until(() => ask('leader'))
    for (const i of [1, 2]) await ask('addServerAsVoter', [`node${i}`, raft(i), 0])
    const { servers } = await ask<{ servers: { suffrage: number }[] }>('clusterMembership')
    if (servers.filter(({ suffrage }) => suffrage === 0).length !== 3)
      throw new Error('the cluster has not three voters')
    await sleep(1_000)
    return { url: url(0), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startStandIn(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString())
      const known = ['admin_conductorEnabled', 'admin_sequencerActive'].includes(method)
      const answer = known ? { result: true } : { error: { code: -32601, message: 'method not found' } }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function until(attempt: () => Promise<unknown>) {
  for (const end = Date.now() + 20_000; ; await sleep(100)) {
    const answer = await attempt().catch((error: Error) => error)
    if (answer === true) return
    if (Date.now() > end) throw new Error(`op-conductor does not come up: ${String(answer)}`)
  }
}
